import { setTimeout as sleep } from 'node:timers/promises';

import type { ClusterWorld } from '../cluster-world/cluster-world.ts';
import { postmasterPid } from '../../programs/postgres-control.ts';

/** What is done to the primary, or to those who watch over it. */
export const RANDOM_FAULTS = ['kill-tree', 'kill-postmaster', 'immediate-stop', 'freeze', 'cut-link', 'cut-packets', 'kill-with-agent', 'kill-with-worker'] as const;
export type RandomFault = (typeof RANDOM_FAULTS)[number];

/** Makes a fault; what it gives back takes it away, after `forMs` where it lasts. */
export async function makeRandomFault(world: ClusterWorld, primary: string, fault: RandomFault, forMs: number): Promise<() => Promise<void>> {
  const lasting = (undo: () => Promise<unknown>) => async (): Promise<void> => {
    await sleep(forMs);
    await undo();
  };
  switch (fault) {
    case 'kill-tree':
      await world.kill(primary, 'tree');
      return () => Promise.resolve();
    case 'kill-postmaster':
      await world.kill(primary, 'postmaster');
      return () => Promise.resolve();
    case 'immediate-stop': {
      const pid = await postmasterPid(world.node(primary).cluster);
      if (pid !== undefined) process.kill(pid, 'SIGQUIT');
      return () => Promise.resolve();
    }
    case 'freeze':
      await world.freeze(primary);
      return lasting(() => world.thaw(primary));
    case 'cut-link':
    case 'cut-packets':
      await world.cut(primary, fault === 'cut-link' ? 'link' : 'packets');
      return lasting(() => world.heal(primary));
    case 'kill-with-agent':
      await Promise.all([world.killAgent(primary), world.kill(primary, 'tree')]);
      return lasting(() => world.startAgent(primary));
    case 'kill-with-worker':
      await Promise.all([world.killWorker(), world.kill(primary, 'tree')]);
      return lasting(() => world.startWorker());
  }
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
