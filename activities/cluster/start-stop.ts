import type { NodeAgent, NodeOrder } from '../../agent/node-agent.ts';
import type { FenceReport } from '../../domain/cluster/failover/fence.ts';
import { OperationError } from '../../domain/errors.ts';
import { killTree } from '../../programs/cluster/kill-tree.ts';
import { livingPostmaster } from '../../programs/cluster/server-processes.ts';
import { hasStandbySignal, makePrimary, makeStandby, setTombstone } from '../../programs/cluster/standby-signal.ts';
import { startServer } from '../../programs/cluster/start-server.ts';
import { stopServer, type FastStop } from '../../programs/cluster/stop-server.ts';
import type { PostgresCluster } from '../../programs/postgres-cluster.ts';
import type { Dependencies } from '../dependencies.ts';
import type { NodeLook, NodeSteps } from './contract.ts';
import { follow } from './follow.ts';
import { lookNow, nodeNamed, onNode, refuseHalfRewritten } from './on-node.ts';
import { awaitStreaming, ensureSlotAt, sourceOf } from './streaming.ts';

/** Crash recovery of much log takes long; who waits hears a heartbeat all the while. */
const START_MS = 30 * 60_000;
const KILL_MS = 10_000;

export type StartOrder = Parameters<NodeSteps['startNode']>[0];

export const startNode = (deps: Dependencies): NodeSteps['startNode'] => onNode(deps, 'startNode', startAs);

export async function startAs(agent: NodeAgent, order: StartOrder, signal: AbortSignal): Promise<NodeLook> {
  refuseHalfRewritten(agent, order);
  if (order.as === 'primary') await startAsPrimary(agent, signal);
  else await startAsStandby(agent, order.upstream, signal);
  return await lookNow(agent);
}

async function startAsPrimary(agent: NodeAgent, signal: AbortSignal): Promise<void> {
  const server = await agent.server();
  if ((await livingPostmaster(server.dataDir)) === undefined) await makePrimary(server);
  await startServer(server, { withinMs: START_MS, signal });
  const { recovery } = await (await agent.session()).row<{ recovery: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS recovery');
  if (recovery) throw wrongRole(server, 'standby', 'primary');
}

/** Where it receives from and the file that keeps it read-only are on disk before it starts. */
export async function startAsStandby(agent: NodeAgent, upstream: string, signal: AbortSignal): Promise<void> {
  const server = await agent.server();
  const target = nodeNamed(agent, upstream);
  if ((await livingPostmaster(server.dataDir)) !== undefined) return await followRunning(agent, upstream, signal);
  await ensureSlotAt(agent, target);
  await makeStandby(server, await sourceOf(agent, target));
  await startServer(server, { withinMs: START_MS, signal });
  await awaitStreaming(agent, target, signal);
}

async function followRunning(agent: NodeAgent, upstream: string, signal: AbortSignal): Promise<void> {
  const server = await agent.server();
  await startServer(server, { withinMs: START_MS, signal });
  const { recovery } = await (await agent.session()).row<{ recovery: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS recovery');
  if (!recovery) throw wrongRole(server, 'primary', 'standby');
  await follow(agent, upstream, signal);
}

const wrongRole = ({ name }: PostgresCluster, is: string, wanted: string): OperationError =>
  new OperationError('node_failed', `node "${name}" runs as a ${is}, not as a ${wanted}`, { detail: `It was to be started as a ${wanted}; what runs is never turned by that.`, hint: 'Stop it first.' });

export const stopNode = (deps: Dependencies): NodeSteps['stopNode'] =>
  onNode(deps, 'stopNode', async (agent, { mode, withinMs }: Parameters<NodeSteps['stopNode']>[0]) => {
    await stopOnPurpose(agent, mode, withinMs);
    return await lookNow(agent);
  });

/** Past `withinMs` every process of it is killed. */
export async function stopOnPurpose(agent: NodeAgent, mode: FastStop, withinMs: number): Promise<void> {
  using expected = agent.expectStop();
  void expected;
  const server = await agent.server();
  const { processesLeft } = await stopServer(server, { mode, withinMs });
  if (processesLeft > 0) throw new OperationError('node_failed', `${processesLeft} processes of node "${server.name}" cannot be stopped`, { hint: 'Look for processes in state D: the storage may hang.' });
}

export const fenceNode = (deps: Dependencies): NodeSteps['fenceNode'] => onNode(deps, 'fenceNode', fence);

/** Killed first, because each moment more is a commit more; what starts it again between the two is killed by the second look. */
export async function fence(agent: NodeAgent, { epoch }: NodeOrder): Promise<FenceReport> {
  using expected = agent.expectStop();
  void expected;
  const server = await agent.server();
  await killTree(server.dataDir, KILL_MS);
  await setTombstone(server);
  const processesLeft = await killTree(server.dataDir, KILL_MS);
  return { epoch, processesLeft, tombstone: hasStandbySignal(server) };
}

export const liftFence = (deps: Dependencies): NodeSteps['liftFence'] =>
  onNode(deps, 'liftFence', async (agent, order: NodeOrder, signal) => await startAs(agent, { ...order, as: 'primary' }, signal));
