import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { runProgram } from '../../programs/run-program.ts';
import { giveTo } from '../../programs/server-account.ts';
import type { WorldNode } from './world-servers.ts';

const placeOf = ({ dataDir }: WorldNode): string => join(dataDir, '..', 'wal-disk');

/** A small file system in memory for the log of a node, so that it can be filled. Root only. */
export async function mountWalDisk(node: WorldNode, megabytes: number): Promise<void> {
  await mkdir(placeOf(node), { recursive: true });
  await runProgram({ program: 'mount', args: ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'pgconvoy', placeOf(node)] });
  await giveTo(node.cluster.account, placeOf(node));
}

/** Puts pg_wal of a server that does not run on its disk. */
export async function moveWal(node: WorldNode): Promise<void> {
  const [wal, place] = [join(node.dataDir, 'pg_wal'), join(placeOf(node), 'pg_wal')];
  await cp(wal, place, { recursive: true, preserveTimestamps: true });
  await rename(wal, `${wal}.moved`);
  await symlink(place, wal);
  await rm(`${wal}.moved`, { recursive: true });
  await runProgram({ program: 'chown', args: ['-R', `--reference=${node.dataDir}`, place] });
  await runProgram({ program: 'chmod', args: ['-R', 'go-rwx', place] });
}

/** Fine when there is none. */
export async function unmountWalDisk(node: WorldNode): Promise<void> {
  await runProgram({ program: 'umount', args: ['--lazy', placeOf(node)], answers: [1, 32] });
}
