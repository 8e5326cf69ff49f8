import { mkdir, rm } from 'node:fs/promises';

import { conninfoForProgram, type ProgramLogin } from './program-login.ts';
import { endStrayPrograms } from './stray-programs.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { runProgram } from '../run-program.ts';
import { giveTo } from '../server-account.ts';

export interface BaseBackupOrder {
  readonly login: ProgramLogin;
  /** Made anew: what an earlier attempt has left in it is removed. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Copies a running server into a folder, with the log that was written meanwhile. The slot that keeps the log until the standby runs is another's: the
 * program makes a temporary one. Errors: `program_missing`, `program_failed`, `interrupted`.
 */
export async function takeBaseBackup({ installation, account }: PostgresCluster, { login, folder, signal }: BaseBackupOrder): Promise<void> {
  // One that outlived its agent still writes into the folder.
  await endStrayPrograms(folder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  await giveTo(account, folder);
  const { dbname, env } = conninfoForProgram(login);
  await runProgram({
    program: programPath(installation, 'pg_basebackup'),
    args: [`--dbname=${dbname}`, `--pgdata=${folder}`, '--format=plain', '--wal-method=stream', '--checkpoint=fast', '--no-password', ...(installation.major >= HAS_MANIFEST ? ['--manifest-checksums=SHA256'] : [])],
    env,
    account,
    signal,
  });
}

/** From this major on a backup has a manifest; before, there is nothing to hold it against. */
export const HAS_MANIFEST = 13;
