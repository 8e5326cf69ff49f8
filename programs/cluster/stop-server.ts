import { setTimeout as sleep } from 'node:timers/promises';

import type { PostgresCluster } from '../postgres-cluster.ts';
import { killTree, send } from './kill-tree.ts';
import { livingPostmaster, postmasterState, serverProcesses } from './server-processes.ts';

/** Fast ends the sessions and writes a checkpoint; immediate is a crash that lets no process linger. */
export type FastStop = 'fast' | 'immediate';

export interface StopResult {
  /** `absent`: it did not run. `killed`: it took longer than it had, and every process of it was killed. */
  readonly how: 'absent' | 'stopped' | 'killed';
  readonly processesLeft: number;
}

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const LOOK_EVERY_MS = 3;
const KILL_MS = 10_000;

/** Signals the postmaster and watches the process table, which pg_ctl does ten times a second only. After `withinMs` everything of it is killed. */
export async function stopServer({ dataDir }: Pick<PostgresCluster, 'dataDir'>, { mode, withinMs }: { readonly mode: FastStop; readonly withinMs: number }): Promise<StopResult> {
  const postmaster = await livingPostmaster(dataDir);
  if (postmaster === undefined) {
    const orphans = serverProcesses(dataDir).length;
    return { how: orphans === 0 ? 'absent' : 'killed', processesLeft: await killTree(dataDir, KILL_MS) };
  }
  send(postmaster, SIGNALS[mode]);
  const ended = await postmasterEnds(postmaster, withinMs);
  // A postmaster ends after its children; whatever is there now is an orphan.
  const left = ended ? serverProcesses(dataDir).length : 1;
  return left === 0 ? { how: 'stopped', processesLeft: 0 } : { how: ended ? 'stopped' : 'killed', processesLeft: await killTree(dataDir, KILL_MS) };
}

async function postmasterEnds(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const state = postmasterState(pid);
    if (state === 'gone' || state === 'zombie') return true;
    if (performance.now() >= deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
}
