import { join } from 'node:path';

import type { NodeAgent, NodeOrder } from '../../../agent/node-agent.ts';
import { readIfThere, writeDurably } from '../../../programs/cluster/durable-file.ts';

/** How far a clone has come, on disk before the next thing is done: whoever takes it up after a kill goes on from there. */
export interface CloneLedger {
  /** `verified`: the side folder is whole. `placed`: it is the data directory. */
  readonly stage: 'none' | 'verified' | 'placed';
  readonly bytes: number;
  /** Where the data directory from before lies; null: there was none. */
  readonly movedAside: string | null;
}

const NOTHING: CloneLedger = { stage: 'none', bytes: 0, movedAside: null };

const pathOf = (agent: NodeAgent, { operation }: NodeOrder): string => join(agent.stateDir, `clone-${operation}.json`);

export async function readLedger(agent: NodeAgent, order: NodeOrder): Promise<CloneLedger> {
  const text = await readIfThere(pathOf(agent, order));
  return text === '' ? NOTHING : (JSON.parse(text) as CloneLedger);
}

export async function keepLedger(agent: NodeAgent, order: NodeOrder, ledger: CloneLedger): Promise<CloneLedger> {
  await writeDurably(pathOf(agent, order), JSON.stringify(ledger), undefined);
  return ledger;
}
