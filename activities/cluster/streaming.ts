import { setTimeout as sleep } from 'node:timers/promises';

import type { NodeAgent } from '../../agent/node-agent.ts';
import type { ClusterNode } from '../../domain/cluster/cluster.ts';
import { slotNameOf } from '../../domain/cluster/slots.ts';
import { OperationError } from '../../domain/errors.ts';
import { hasReached, type Lsn } from '../../domain/lsn.ts';
import { createPhysicalSlot } from '../../postgres/cluster/physical-slots.ts';
import { writeMarker } from '../../postgres/cluster/primary-orders.ts';
import { type LogPlace, readLogPlace } from '../../postgres/cluster/timeline.ts';
import { readReception, type Reception, upstreamConninfo } from '../../postgres/cluster/upstream.ts';
import { writePassfile } from '../../programs/cluster/passfile.ts';
import type { StandbySource } from '../../programs/cluster/standby-signal.ts';
import { tailOfLog } from '../../programs/cluster/start-server.ts';
import { dial } from './on-node.ts';

/** What a standby of `upstream` is started with; the password lies in a file beside its data directory. */
export async function sourceOf(agent: NodeAgent, upstream: ClusterNode): Promise<StandbySource> {
  const { host, port } = upstream;
  const user = agent.plan().replicationUser;
  const password = agent.replicationPassword();
  const passfile = password === undefined ? null : await writePassfile(await agent.server(), [{ user, password }]);
  return { primary_conninfo: upstreamConninfo({ host, port, user, applicationName: agent.self().applicationName, passfile }), primary_slot_name: slotNameOf(agent.node) };
}

export async function ensureSlotAt(agent: NodeAgent, upstream: ClusterNode): Promise<void> {
  await using session = await dial(agent, upstream.name, 'slot');
  await createPhysicalSlot(session, slotNameOf(agent.node));
}

const STREAMING_MS = 60_000;
const LOOK_EVERY_MS = 10;

/** Waits until the node receives from that very server, on its timeline, and has got what is written there now: a receiver that is there proves nothing. */
export async function awaitStreaming(agent: NodeAgent, upstream: ClusterNode, signal: AbortSignal, withinMs = STREAMING_MS): Promise<void> {
  const goal = await goalAt(agent, upstream);
  const deadline = performance.now() + withinMs;
  for (;;) {
    const session = await agent.session();
    const reception = await readReception(session);
    if (receivesFrom(reception, upstream, goal.history.timeline) && reception.positionLsn !== null && hasReached(reception.positionLsn, goal.positionLsn)) return;
    if (performance.now() >= deadline) throw await notStreaming(agent, upstream, { reception, goal });
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Whether the node, which runs, streams from that server. */
export const isStreamingFrom = async (agent: NodeAgent, upstream: ClusterNode): Promise<boolean> => receivesFrom(await readReception(await agent.session()), upstream);

/** Before 11 a server does not say whom it receives from. */
export const receivesFrom = ({ inRecovery, receiver }: Reception, { host, port }: ClusterNode, timeline?: number): boolean =>
  inRecovery && receiver?.status === 'streaming' && (receiver.host === null || (receiver.host === host && receiver.port === port)) && (timeline === undefined || receiver.timeline === timeline);

/** A primary writes a marker, so that there is something new to wait for on an idle one. */
async function goalAt(agent: NodeAgent, upstream: ClusterNode): Promise<LogPlace> {
  await using session = await dial(agent, upstream.name, 'follow');
  const place = await readLogPlace(session);
  return place.inRecovery ? place : { ...place, positionLsn: await writeMarker(session, agent.node) };
}

async function notStreaming(agent: NodeAgent, upstream: ClusterNode, { reception, goal }: { reception: Reception; goal: { positionLsn: Lsn } }): Promise<OperationError> {
  const { receiver, positionLsn } = reception;
  const server = await agent.server();
  const from = receiver === null ? 'It has no receiver' : `Its receiver is ${receiver.status}${receiver.host === null ? '' : ` at ${receiver.host}:${receiver.port}`}, on timeline ${receiver.timeline}`;
  return new OperationError('node_failed', `node "${agent.node}" does not stream from node "${upstream.name}"`, {
    detail: `${from}; it is at ${positionLsn}, and ${goal.positionLsn} was written there.\n${(await tailOfLog(server)) ?? ''}`.trim(),
    hint: `Read ${server.logFile}.`,
  });
}
