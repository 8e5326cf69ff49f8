import { statfsSync } from 'node:fs';

/** Bytes that a file takes on its disk, holes left out (stat(2): st_blocks counts 512 bytes whatever the disk's blocks). */
export const allocatedBytes = (facts: { readonly blocks: number }): number => facts.blocks * 512;

/** Bytes that are free for us where the folder lies. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
