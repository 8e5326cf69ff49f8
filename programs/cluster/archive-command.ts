import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { runProgram } from '../run-program.ts';
import { OperationError } from '../../domain/errors.ts';

type Place = Pick<PostgresCluster, 'installation' | 'dataDir' | 'account'>;

/** A setting of a stopped server as its files make it. */
export async function offlineSetting({ installation, dataDir, account }: Place, name: string): Promise<string> {
  return (await runProgram({ program: programPath(installation, 'postgres'), args: ['-D', dataDir, '-C', name], account })).stdout.trim();
}

/** Names of the segments and histories that wait to be archived. */
export const readyFiles = async ({ dataDir }: Pick<Place, 'dataDir'>): Promise<string[]> =>
  (await readdir(join(dataDir, 'pg_wal', 'archive_status')).catch(() => [])).filter((name) => name.endsWith('.ready')).map((name) => name.slice(0, -'.ready'.length)).toSorted();

/** Archives for a stopped server what waits, in its own words and in order; gives the names that could not be. A rewind would remove them (HA20). */
export async function archiveReady(place: Place, command: string): Promise<string[]> {
  const waiting = await readyFiles(place);
  for (const [index, name] of waiting.entries()) {
    if (!(await runShell(place, command, { file: name, path: `pg_wal/${name}` }))) return waiting.slice(index);
    const status = join(place.dataDir, 'pg_wal', 'archive_status', name);
    await rename(`${status}.ready`, `${status}.done`);
  }
  return [];
}

/** Whether the archive gives a file back; what it gave is removed again. */
export async function archiveHas(place: Place, command: string, file: string): Promise<boolean> {
  const path = 'pg_wal/PGCONVOY_RESTORED';
  try {
    return await runShell(place, command, { file, path });
  } finally {
    await rm(join(place.dataDir, path), { force: true });
  }
}

/** As the server runs archive_command and restore_command: in its data directory, by a shell, without anything of ours in the environment that is a secret. */
async function runShell({ dataDir, account }: Place, command: string, { file, path }: { readonly file: string; readonly path: string }): Promise<boolean> {
  const line = command.replaceAll(/%(.)/g, (whole, letter: string) => ({ f: file, p: path, r: file, '%': '%' })[letter] ?? whole);
  try {
    await runProgram({ program: '/usr/bin/env', args: ['-i', `PATH=${process.env['PATH'] ?? '/usr/bin:/bin'}`, '/bin/sh', '-c', line], cwd: dataDir, account });
    return true;
  } catch (error) {
    if (error instanceof OperationError && error.code === 'program_failed') return false;
    throw error;
  }
}
