import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { runProgram } from '../run-program.ts';
import { conninfoForProgram, type ProgramLogin } from './program-login.ts';
import { endStrayPrograms } from './stray-programs.ts';

export interface RewindOrder {
  /** A superuser of the primary. */
  readonly source: ProgramLogin;
  /** Log that is missing is fetched with the target's own restore_command; of 13 and later (HA19). */
  readonly fetchWal: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** Runs pg_rewind. That it ends well says nothing: it does so in two cases where the node cannot follow (HA14, HA15). Error: `program_failed`. */
export async function rewind({ installation, dataDir, account }: PostgresCluster, { source, fetchWal, dryRun, signal }: RewindOrder): Promise<void> {
  await endStrayPrograms(dataDir);
  const { dbname, env } = conninfoForProgram({ ...source, database: 'postgres' });
  await runProgram({
    program: programPath(installation, 'pg_rewind'),
    args: [`--target-pgdata=${dataDir}`, `--source-server=${dbname}`, ...(fetchWal ? ['--restore-target-wal'] : []), ...(dryRun ? ['--dry-run'] : [])],
    env,
    account,
    signal,
  });
}
