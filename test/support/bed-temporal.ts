import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporalProgram } from '../../config/program-folders.ts';
import { OperationError } from '../../domain/errors.ts';
import { detachedPid } from '../../programs/detached-process.ts';
import { freePort } from '../../programs/ports.ts';
import { isAlive } from '../../programs/process-state.ts';
import { missing } from '../../programs/run-program.ts';
import { startTemporalServer, type TemporalServer } from '../../programs/temporal-server.ts';
import { until } from './bed-wait.ts';

/** A Temporal server of a bed's own: our task queues have fixed names, so beds can share none. It keeps its state in a file. */
export interface BedTemporal extends AsyncDisposable {
  readonly address: string;
  /** Of its web page; empty when none was asked for. */
  readonly uiUrl: string;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again on what it had written. */
  start(): Promise<void>;
}

export async function startBedTemporal(folder: string, { ui = false } = {}): Promise<BedTemporal> {
  const program = temporalProgram();
  if (program === undefined) throw missing('temporal');
  const pidFile = join(folder, 'process.json');
  const files = { program, dbFile: join(folder, 'temporal.db'), logFile: join(folder, 'server.log'), pidFile };
  // Inside, it takes ports that it has found free some moments before, and others start beside it.
  const { plan, server } = await until('a Temporal server', async () => {
    const chosen = { ...files, port: await freePort(), ...(ui ? { uiPort: await freePort() } : {}) };
    return await startTemporalServer(chosen).then((started) => ({ plan: chosen, server: started }), (error: unknown) => (isMissing(error) ? Promise.reject(error) : undefined));
  }, () => readFile(files.logFile, 'utf8'));
  const start = (): Promise<TemporalServer> => startTemporalServer(plan);
  // Its sockets outlive a killed server by some moments.
  const startAgain = async (): Promise<void> => void (await until('the port of the Temporal server to be free', () => start().catch(() => undefined)));
  const kill = async (): Promise<void> => {
    const pid = await detachedPid(pidFile);
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    await until('the end of the Temporal server', async () => !(await isAlive(pid)));
  };
  const { address, uiUrl = '' } = server;
  return { address, uiUrl, kill, start: startAgain, [Symbol.asyncDispose]: kill };
}

const isMissing = (error: unknown): boolean => error instanceof OperationError && error.code === 'program_missing';
