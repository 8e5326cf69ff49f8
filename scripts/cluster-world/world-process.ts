import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { detachedPid, startDetached } from '../../programs/detached-process.ts';
import { isAlive } from '../../programs/process-state.ts';
import { waitUntil } from '../../programs/wait-until.ts';

const PROGRAM = join(import.meta.dirname, '../../workers/main.ts');
const END_MS = 60_000;

/** A worker or an agent: a process that leads its group, so that the programs it runs die with it. */
export interface WorldProcess {
  readonly pid: number;
  readonly logFile: string;
  log(): Promise<string>;
  /** `kill -9` of it and the programs it runs. Servers it has started are not of its group. */
  kill(): Promise<void>;
  /** As an operator stops it; resolves when it has ended. */
  terminate(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export interface ProcessWish {
  /** A folder of its own. */
  readonly folder: string;
  readonly role: string;
  readonly inventory: string;
  readonly env: Readonly<Record<string, string>>;
  /** See `WorldNetwork.on`; on this machine itself when absent. */
  readonly on?: (words: readonly string[]) => readonly string[];
}

/** Starts it, and waits until it takes work. */
export async function startWorldProcess({ folder, role, inventory, env, on = (words) => words }: ProcessWish): Promise<WorldProcess> {
  await mkdir(folder, { recursive: true });
  const [logFile, pidFile] = [join(folder, 'worker.log'), join(folder, 'process.json')];
  const log = (): Promise<string> => readFile(logFile, 'utf8');
  const before = (await log().catch(() => '')).length;
  const [program = '', ...args] = on([process.execPath, PROGRAM, '--role', role, '--inventory', inventory]);
  await startDetached({ name: `worker ${role}`, program, args, env, logFile, pidFile, ready: async () => /^worker .* is ready$/m.test((await log()).slice(before)) });
  const pid = (await detachedPid(pidFile)) as number;
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const end = async (name: NodeJS.Signals): Promise<void> => {
    signal(name);
    if (!(await waitUntil(async () => !(await isAlive(pid)), END_MS))) throw new Error(`worker ${role} did not end`);
    await rm(pidFile, { force: true });
  };
  return { pid, logFile, log, kill: () => end('SIGKILL'), terminate: () => end('SIGTERM'), freeze: () => signal('SIGSTOP'), thaw: () => signal('SIGCONT') };
}
