import { setTimeout as sleep } from 'node:timers/promises';

import { serverProcesses } from './server-processes.ts';

const LOOK_EVERY_MS = 3;

/**
 * Kills every process of a server, orphans included, and looks again until none is left or `withinMs` have passed; gives how many are left. All are
 * stopped before the first is killed: a postmaster that lives could start another, and a backend that runs could commit meanwhile.
 */
export async function killTree(dataDir: string, withinMs: number): Promise<number> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = serverProcesses(dataDir);
    if (found.length === 0 || performance.now() >= deadline) return found.length;
    for (const { pid } of found) send(pid, 'SIGSTOP');
    for (const { pid } of found) send(pid, 'SIGKILL');
    await sleep(LOOK_EVERY_MS);
  }
}

export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended by itself
  }
}
