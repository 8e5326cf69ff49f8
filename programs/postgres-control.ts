import { existsSync } from 'node:fs';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from '../domain/errors.ts';
import { assertPortFree } from './ports.ts';
import type { PostgresCluster } from './postgres-cluster.ts';
import { programPath } from './postgres-installations.ts';
import { childrenOf } from './process-state.ts';
import { runProgram, tailOf, type ProgramResult } from './run-program.ts';
import { waitUntil } from './wait-until.ts';

/** smart waits for clients, fast disconnects them, immediate is a crash that lets no process linger. */
export type StopMode = 'smart' | 'fast' | 'immediate';

const START_SECONDS = 120;
const KILL_MS = 10_000;
/** `pg_ctl status`: 3 is "no server running", 4 "no accessible data directory". */
const NOT_RUNNING = 3;
const NO_DATA = 4;

/**
 * Starts a cluster and waits until it accepts connections (crash recovery included, up to two minutes). One that runs
 * already is left alone.
 *
 * Errors: `port_in_use`; `program_failed` with the end of the server's log as detail.
 */
export async function startCluster(cluster: PostgresCluster): Promise<void> {
  if (await isRunning(cluster)) return;
  await assertPortFree(cluster.port, `PostgreSQL server ${cluster.name}`);
  try {
    await pgCtl(cluster, ['start', '--wait', `--timeout=${START_SECONDS}`, `--log=${cluster.logFile}`]);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new OperationError(error.code, `PostgreSQL server ${cluster.name} did not start`, {
      detail: await logTail(cluster),
      hint: `Read ${cluster.logFile}.`,
      cause: error,
    });
  }
}

/** Stops a cluster and waits until it is down; one that does not run is left alone. Error: `program_failed`. */
export async function stopCluster(cluster: PostgresCluster, mode: StopMode = 'fast'): Promise<void> {
  if (!(await isRunning(cluster))) return;
  await pgCtl(cluster, ['stop', '--wait', `--timeout=${START_SECONDS}`, `--mode=${mode}`]);
}

/** Whether the server of this data folder runs. A folder that is not there has none. */
export async function isRunning(cluster: PostgresCluster): Promise<boolean> {
  return (await pgCtl(cluster, ['status'], [NOT_RUNNING, NO_DATA])).exitCode === 0;
}

/**
 * Kills every process of the server at once (SIGKILL), as when the machine loses power, and waits until they are gone.
 * Linux only: elsewhere the children end by themselves when they notice.
 */
export async function killCluster(cluster: PostgresCluster): Promise<void> {
  const postmaster = await postmasterPid(cluster);
  if (postmaster === undefined) return;
  const processes = [postmaster, ...(await childrenOf(postmaster))];
  processes.forEach(killHard);
  // Until their parent has reaped them as well: a server does not start while the number in its pid file is in use.
  await waitUntil(async () => !processes.some((pid) => existsSync(`/proc/${pid}`)), KILL_MS);
}

/** A pid file outlives a crash, and its number may belong to somebody else by then: a postmaster works in its data folder. */
export async function postmasterPid(cluster: PostgresCluster): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(join(cluster.dataDir, 'postmaster.pid'), 'utf8'), 10);
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(cluster.dataDir)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself, as children do when they notice that the postmaster is gone.
  }
}

const pgCtl = (cluster: PostgresCluster, args: readonly string[], answers: readonly number[] = []): Promise<ProgramResult> =>
  runProgram({
    program: programPath(cluster.installation, 'pg_ctl'),
    args: [...args, '--silent', `--pgdata=${cluster.dataDir}`],
    answers,
    account: cluster.account,
    // A server looks for client certificates at home, as a subscriber does, and root's home is closed to it.
    ...(cluster.account ? { env: { HOME: cluster.dataDir } } : {}),
  });

async function logTail(cluster: PostgresCluster): Promise<string | undefined> {
  return tailOf(await readFile(cluster.logFile, 'utf8').catch(() => ''));
}
