import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { detachedPid, startDetached } from '../../programs/detached-process.ts';
import { isAlive } from '../../programs/process-state.ts';
import { until } from './bed-wait.ts';

const PROGRAM = join(import.meta.dirname, '../../workers/main.ts');

/** A worker as `pgconvoy worker` starts one: a process, and the leader of its group, so that its programs die with it. */
export interface BedWorker extends AsyncDisposable {
  readonly pid: number;
  /** What it has said so far. */
  log(): Promise<string>;
  /** `kill -9` of the worker and the programs it runs. */
  kill(): Promise<void>;
  /** `kill -9` of the worker alone, as the out-of-memory killer does: programs it started go on. */
  killAlone(): Promise<void>;
  /** As an operator stops it; resolves when it has ended. */
  terminate(): Promise<void>;
  /** SIGSTOP and SIGCONT: a virtual machine that is frozen, and wakes later. */
  freeze(): void;
  thaw(): void;
}

export interface BedWorkerPlan {
  /** A folder of its own in the folder of the test run. */
  readonly folder: string;
  readonly inventory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Starts a worker and waits until it polls its queues. */
export async function startBedWorker({ folder, inventory, env, args = [] }: BedWorkerPlan): Promise<BedWorker> {
  await mkdir(folder, { recursive: true });
  const logFile = join(folder, 'worker.log');
  const pidFile = join(folder, 'process.json');
  const log = (): Promise<string> => readFile(logFile, 'utf8');
  await startDetached({ name: 'worker', program: process.execPath, args: [PROGRAM, '--inventory', inventory, ...args], env, logFile, pidFile, ready: async () => /^worker .* is ready$/m.test(await log()) });
  const pid = (await detachedPid(pidFile)) as number;
  let gone = false;
  const signal = (name: NodeJS.Signals, whom = -pid): void => {
    if (!gone) process.kill(whom, name);
  };
  const end = async (name: NodeJS.Signals, whom?: number): Promise<void> => {
    signal(name, whom);
    await until('the end of the worker', async () => !(await isAlive(pid)));
    gone = true;
    await rm(pidFile, { force: true });
  };
  return {
    pid,
    log,
    kill: () => end('SIGKILL'),
    killAlone: () => end('SIGKILL', pid),
    terminate: () => end('SIGTERM', pid),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}
