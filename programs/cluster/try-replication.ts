import { OperationError } from '../../domain/errors.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { runProgram } from '../run-program.ts';
import { conninfoForProgram, type ProgramLogin } from './program-login.ts';

/** Opens a replication connection from this machine, as a standby does; gives why it was refused, or null. */
export async function tryReplication({ installation, account }: Pick<PostgresCluster, 'installation' | 'account'>, login: ProgramLogin, signal: AbortSignal): Promise<string | null> {
  const { dbname, env } = conninfoForProgram(login);
  try {
    await runProgram({ program: programPath(installation, 'psql'), args: ['--no-psqlrc', '--no-password', '--quiet', '--tuples-only', `--dbname=${dbname} replication=true`, '--command=IDENTIFY_SYSTEM'], env, account, signal });
    return null;
  } catch (error) {
    if (error instanceof OperationError && error.code === 'program_failed') return error.detail ?? error.message;
    throw error;
  }
}
