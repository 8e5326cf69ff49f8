import { statfsSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { runProgram } from './run-program.ts';

/** What a file system frees at once; a hole begins and ends at a multiple of it. */
const PAGE = 4096;

/** Bytes that a file takes on its disk, holes left out (stat(2): st_blocks counts 512 bytes whatever the disk's blocks). */
export const allocatedBytes = (facts: { readonly blocks: number }): number => facts.blocks * 512;

/** Bytes that are free for us where the folder lies. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Gives back the space of a file from its beginning on, up to the last whole page before `end`; the file keeps its length. Returns where the hole ends. */
export async function punchHole(path: string, { from, end }: { readonly from: number; readonly end: number }): Promise<number> {
  const to = Math.floor(end / PAGE) * PAGE;
  if (to <= from) return from;
  await runProgram({ program: 'fallocate', args: ['--punch-hole', '--offset', String(from), '--length', String(to - from), path] });
  return to;
}

/** Whether the program is there and the file system under the folder can do it, by trying. */
export async function canPunchHoles(folder: string): Promise<boolean> {
  const path = join(folder, 'hole');
  try {
    const file = await open(path, 'w');
    await file.write(Buffer.alloc(4 * PAGE, 1)).finally(() => file.close());
    const before = allocatedBytes(await stat(path));
    await punchHole(path, { from: 0, end: 2 * PAGE });
    return allocatedBytes(await stat(path)) < before;
  } catch {
    return false;
  } finally {
    await rm(path, { force: true });
  }
}
