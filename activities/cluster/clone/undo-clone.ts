import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { NodeAgent } from '../../../agent/node-agent.ts';
import { slotNameOf } from '../../../domain/cluster/slots.ts';
import { dropIdleSlot } from '../../../postgres/cluster/physical-slots.ts';
import { syncFolder } from '../../../programs/cluster/durable-file.ts';
import { endStrayPrograms } from '../../../programs/cluster/stray-programs.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { NodeSteps } from '../contract.ts';
import { dial, onNode } from '../on-node.ts';
import type { CloneOrder } from './clone-node.ts';
import { readLedger } from './ledger.ts';
import { beforeFolderOf, sideFolderOf } from './place.ts';

export const undoClone = (deps: Dependencies): NodeSteps['undoClone'] => onNode(deps, 'undoClone', takeBack);

/**
 * Takes a clone back that did not come to be the data directory: its side folder, its slot, and what was moved aside goes back. One that is in place stays
 * to be looked at, and is the node's from then on.
 */
export async function takeBack(agent: NodeAgent, order: CloneOrder): Promise<{ readonly takenBack: boolean }> {
  if ((await readLedger(agent, order)).stage === 'placed') return { takenBack: false };
  const { dataDir } = await agent.server();
  const [side, before] = [sideFolderOf(dataDir, order.operation), beforeFolderOf(dataDir, order.operation)];
  await endStrayPrograms(side);
  // Renamed, and the ledger does not say so yet: what is in place is the copy.
  if (existsSync(before) && existsSync(dataDir)) return { takenBack: false };
  await rm(side, { recursive: true, force: true });
  if (existsSync(before)) await rename(before, dataDir);
  await syncFolder(dirname(dataDir));
  if (agent.journal.facts().destructiveStep === order.operation) await agent.journal.keep({ destructiveStep: null, rewriteEnded: false });
  await using upstream = await dial(agent, order.upstream, 'clone');
  await dropIdleSlot(upstream, slotNameOf(agent.node));
  return { takenBack: true };
}
