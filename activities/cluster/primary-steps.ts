import { setTimeout as sleep } from 'node:timers/promises';

import type { NodeAgent, NodeOrder } from '../../agent/node-agent.ts';
import { reconcileSlots } from '../../domain/cluster/slots.ts';
import { printSynchronousNames, type SynchronousNames } from '../../domain/cluster/synchronous/names.ts';
import { OperationError } from '../../domain/errors.ts';
import { listDatabases } from '../../postgres/backup/list-databases.ts';
import { createPhysicalSlot, dropIdleSlot, listPhysicalSlots } from '../../postgres/cluster/physical-slots.ts';
import { checkpoint, readSynchronousStandbyNames, setSynchronousStandbyNames } from '../../postgres/cluster/primary-orders.ts';
import { readLogPlace } from '../../postgres/cluster/timeline.ts';
import { connect } from '../../postgres/connection.ts';
import type { Dependencies } from '../dependencies.ts';
import type { NodeSteps } from './contract.ts';
import { onNode } from './on-node.ts';

const RELOAD_MS = 10_000;
const LOOK_EVERY_MS = 5;

export const setSynchronousNames = (deps: Dependencies): NodeSteps['setSynchronousNames'] =>
  onNode(deps, 'setSynchronousNames', (agent, { names }: NodeOrder & { readonly names: SynchronousNames | null }, signal) => keepSynchronousNames(agent, names, signal));

/** In force when it resolves: a session of the server has taken note of it. */
export async function keepSynchronousNames(agent: NodeAgent, names: SynchronousNames | null, signal: AbortSignal): Promise<void> {
  const session = await agent.session();
  const wanted = printSynchronousNames(names);
  if ((await readSynchronousStandbyNames(session)) === wanted) return;
  await setSynchronousStandbyNames(session, names);
  const deadline = performance.now() + RELOAD_MS;
  while ((await readSynchronousStandbyNames(session)) !== wanted) {
    if (performance.now() >= deadline) throw new OperationError('node_failed', `synchronous_standby_names of node "${agent.node}" does not become what was set`, { hint: 'A line of the server command line, or a broken configuration file, may be in the way: look at pg_file_settings.' });
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

export const checkpointNode = (deps: Dependencies): NodeSteps['checkpointNode'] =>
  onNode(deps, 'checkpointNode', async (agent, _order: NodeOrder) => ({ controlTimeline: await checkpointUntilCurrent(agent) }));

/** Until pg_control is on the timeline that the server writes: before, a rewind from it finds nothing to do (HA14). */
async function checkpointUntilCurrent(agent: NodeAgent): Promise<number> {
  const session = await agent.session();
  const { inRecovery, history } = await readLogPlace(session);
  const timeline = await checkpoint(session);
  if (!inRecovery && timeline !== history.timeline) throw new OperationError('node_failed', `pg_control of node "${agent.node}" is on timeline ${timeline} after a checkpoint, not ${history.timeline}`);
  return timeline;
}

export const reconcileNodeSlots = (deps: Dependencies): NodeSteps['reconcileNodeSlots'] =>
  onNode(deps, 'reconcileNodeSlots', (agent, { planned, keep }: Parameters<NodeSteps['reconcileNodeSlots']>[0]) => tidySlots(agent, planned, keep));

/** What is to be kept is neither dropped nor spoken of. */
export async function tidySlots(agent: NodeAgent, planned: readonly string[], keep: readonly string[]): Promise<{ created: string[]; dropped: string[]; alert: string[] }> {
  const session = await agent.session();
  const slots = (await listPhysicalSlots(session)).filter(({ name }) => !keep.includes(name) || planned.includes(name));
  const plan = reconcileSlots(planned, slots);
  const dropped: string[] = [];
  const inUse: string[] = [];
  for (const name of plan.drop) ((await dropIdleSlot(session, name)) ? dropped : inUse).push(name);
  const created: string[] = [];
  for (const name of plan.create) if (await createPhysicalSlot(session, name)) created.push(name);
  return { created, dropped, alert: [...plan.alert, ...inUse] };
}

export const analyzeNode = (deps: Dependencies): NodeSteps['analyzeNode'] => onNode(deps, 'analyzeNode', (agent, _order: NodeOrder, signal) => analyzeAll(agent, signal));

/** A new primary knows how its tables are distributed, but not how many rows are live or when it last looked (HA49). */
export async function analyzeAll(agent: NodeAgent, signal: AbortSignal): Promise<{ databases: number }> {
  const databases = await listDatabases(await agent.session());
  for (const database of databases) {
    signal.throwIfAborted();
    await using session = await connect(agent.address(agent.node), { purpose: 'analyze', database });
    await session.execute('ANALYZE');
  }
  return { databases: databases.length };
}
