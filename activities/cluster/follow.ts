import { setTimeout as sleep } from 'node:timers/promises';

import type { NodeAgent, NodeOrder } from '../../agent/node-agent.ts';
import type { ClusterNode } from '../../domain/cluster/cluster.ts';
import { judgeFollow, type FollowVerdict } from '../../domain/cluster/follow.ts';
import { slotNameOf } from '../../domain/cluster/slots.ts';
import type { TimelineHistory } from '../../domain/cluster/timeline.ts';
import { OperationError } from '../../domain/errors.ts';
import { hasReached, type Lsn } from '../../domain/lsn.ts';
import type { Session } from '../../postgres/connection.ts';
import { createPhysicalSlot } from '../../postgres/cluster/physical-slots.ts';
import { readLogPlace } from '../../postgres/cluster/timeline.ts';
import { endReceiver, readReception, RELOADS_UPSTREAM, setUpstream } from '../../postgres/cluster/upstream.ts';
import { FROM_NOWHERE, makeStandby, type StandbySource } from '../../programs/cluster/standby-signal.ts';
import { startServer } from '../../programs/cluster/start-server.ts';
import { stopServer } from '../../programs/cluster/stop-server.ts';
import type { Dependencies } from '../dependencies.ts';
import type { NodeSteps } from './contract.ts';
import { dial, lookNow, nodeNamed, onNode } from './on-node.ts';
import { awaitStreaming, receivesFrom, sourceOf } from './streaming.ts';

export const followNode = (deps: Dependencies): NodeSteps['followNode'] =>
  onNode(deps, 'followNode', async (agent, { upstream }: NodeOrder & { readonly upstream: string }, signal) => {
    await follow(agent, upstream, signal);
    return await lookNow(agent);
  });

/** Points the running standby at `upstream`, if its log is on that line, and waits until it has what is written there (F1, F2). */
export async function follow(agent: NodeAgent, upstream: string, signal: AbortSignal): Promise<FollowVerdict> {
  const target = nodeNamed(agent, upstream);
  const verdict = await judge(agent, target, { makeSlot: true });
  if (verdict.action === 'refuse') throw new OperationError('cluster_unfit', `node "${agent.node}" may not follow node "${upstream}"`, { detail: verdict.reason, context: { rule: verdict.rule } });
  if (verdict.action === 'rejoin') {
    throw new OperationError('cluster_unfit', `node "${agent.node}" cannot follow node "${upstream}"`, { detail: verdict.reason, hint: `Run \`pgconvoy cluster rejoin ${agent.cluster} ${agent.node}\`.`, context: { rule: verdict.rule } });
  }
  if (verdict.action === 'repoint') await receiveFrom(agent, await sourceOf(agent, target));
  await awaitStreaming(agent, target, signal);
  return verdict;
}

export const checkFollow = (deps: Dependencies): NodeSteps['checkFollow'] =>
  onNode(deps, 'checkFollow', async (agent, { upstream }: NodeOrder & { readonly upstream: string }) => {
    const { action, rule, reason } = await judge(agent, nodeNamed(agent, upstream), { makeSlot: false });
    const ok = action === 'repoint' || action === 'nothing-to-do';
    return { check: rule, ok, reason, remedy: ok ? null : action === 'rejoin' ? `Run \`pgconvoy cluster rejoin ${agent.cluster} ${agent.node}\`.` : 'Choose another node to follow.' };
  });

/** The slot is made before it is judged, because a standby without one may lose the log it needs; without `makeSlot` it is taken to be there. */
async function judge(agent: NodeAgent, target: ClusterNode, { makeSlot }: { readonly makeSlot: boolean }): Promise<FollowVerdict> {
  await using there = await dial(agent, target.name, 'follow');
  const upstreams = await upstreamsOf(agent, target, there);
  const loops = upstreams.includes(agent.node) || target.name === agent.node;
  if (makeSlot && !loops) await createPhysicalSlot(there, slotNameOf(agent.node));
  const here = await agent.session();
  const [asked, reception, theirs] = [await readLogPlace(here), await readReception(here), await readLogPlace(there)];
  const place = { ...asked, history: laterOf(asked.history, await agent.history()) };
  if (!place.inRecovery) throw new OperationError('node_failed', `node "${agent.node}" is a primary and follows nobody`, { hint: `Run \`pgconvoy cluster switchover ${agent.cluster}\` to make another node the primary.` });
  const configured = await here.row<{ conninfo: string; slot: string }>(`SELECT pg_catalog.current_setting('primary_conninfo') AS conninfo, pg_catalog.current_setting('primary_slot_name') AS slot`).catch(() => ({ conninfo: '', slot: '' }));
  const wanted = await sourceOf(agent, target);
  const asWanted = configured.conninfo === wanted.primary_conninfo && configured.slot === wanted.primary_slot_name;
  return judgeFollow({
    node: { ...place, name: agent.node, destructiveStep: null, upstream: asWanted && receivesFrom(reception, target) ? target.name : null, streaming: receivesFrom(reception, target) },
    target: { ...theirs, name: target.name, upstreams, slotReady: !loops },
  });
}

/** Without a receiver a standby names the timeline of its last restart point; its agent has seen which one it received since. */
const laterOf = (asked: TimelineHistory, seen: TimelineHistory | null): TimelineHistory => (seen !== null && seen.timeline > asked.timeline ? seen : asked);

/** Its own upstreams, nearest first, as they are and not as they are registered: a loop is one of real connections (HA39). */
async function upstreamsOf(agent: NodeAgent, target: ClusterNode, session: Session): Promise<string[]> {
  const found: string[] = [];
  let { receiver } = await readReception(session);
  while (receiver !== null && receiver.host !== null && found.length <= agent.plan().nodes.length) {
    const { host, port } = receiver;
    const next = agent.plan().nodes.find((node) => node.host === host && node.port === port);
    if (next === undefined) return found;
    found.push(next.name);
    if (next.name === agent.node || next.name === target.name) return found;
    await using beyond = await dial(agent, next.name, 'follow');
    receiver = (await readReception(beyond)).receiver;
  }
  return found;
}

/** Changes where the running standby receives from; before 13 it is started anew for that. */
export async function receiveFrom(agent: NodeAgent, source: StandbySource): Promise<void> {
  const session = await agent.session();
  if (session.major >= RELOADS_UPSTREAM) return await setUpstream(session, { primaryConninfo: source.primary_conninfo, slot: source.primary_slot_name });
  using expected = agent.expectStop();
  void expected;
  const server = await agent.server();
  await stopServer(server, { mode: 'fast', withinMs: RESTART_MS });
  await makeStandby(server, source);
  await startServer(server, { withinMs: RESTART_MS });
}

const RESTART_MS = 5 * 60_000;
const DETACH_MS = 10_000;
const LOOK_EVERY_MS = 5;
/** A startup process that is busy replaying takes note of a reload late. */
const HELP_AFTER_MS = 250;

export const detachReceiver = (deps: Dependencies): NodeSteps['detachReceiver'] =>
  onNode(deps, 'detachReceiver', async (agent, _order: NodeOrder, signal) => {
    await detach(agent, signal);
    return await lookNow(agent);
  });

/** Takes the receiver off and waits until it is gone: what is read of positions before that is not the last word (HA2). Bounded (HA3). */
export async function detach(agent: NodeAgent, signal: AbortSignal): Promise<void> {
  if (!(await readReception(await agent.session())).inRecovery) throw new OperationError('node_failed', `node "${agent.node}" is a primary and receives from nobody`);
  await receiveFrom(agent, FROM_NOWHERE);
  const begun = performance.now();
  for (let quiet = 0, helped = 0; quiet < 2; ) {
    const session = await agent.session();
    const { receiver } = await readReception(session);
    quiet = receiver === null ? quiet + 1 : 0;
    const waited = performance.now() - begun;
    if (receiver !== null && waited > DETACH_MS) throw new OperationError('node_failed', `the receiver of node "${agent.node}" does not stop`, { detail: `Process ${receiver.pid} is ${receiver.status}.`, hint: 'Cut the node off from the old primary, or restart it.' });
    if (receiver !== null && waited > HELP_AFTER_MS * (helped + 1)) {
      helped += 1;
      await endReceiver(session, receiver.pid);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** No log for so long, and there is none to be had. */
const FETCH_STALL_MS = 20_000;

export const fetchLog = (deps: Dependencies): NodeSteps['fetchLog'] =>
  onNode(deps, 'fetchLog', async (agent, { from, toLsn }: Parameters<NodeSteps['fetchLog']>[0], signal) => {
    await fetch(agent, { from: nodeNamed(agent, from), toLsn }, signal);
    return await lookNow(agent);
  });

/** Receives from a standby that has more, without a slot there, and lets go of it again. */
export async function fetch(agent: NodeAgent, { from, toLsn }: { readonly from: ClusterNode; readonly toLsn: Lsn }, signal: AbortSignal): Promise<void> {
  let seen = (await readReception(await agent.session())).positionLsn;
  if (seen !== null && hasReached(seen, toLsn)) return;
  await receiveFrom(agent, { ...(await sourceOf(agent, from)), primary_slot_name: '' });
  for (let moved = performance.now(); seen === null || !hasReached(seen, toLsn); ) {
    const { positionLsn, receiver } = await readReception(await agent.session());
    if (positionLsn !== seen) moved = performance.now();
    seen = positionLsn;
    if (performance.now() - moved > FETCH_STALL_MS) throw new OperationError('node_failed', `node "${agent.node}" gets no log from node "${from.name}"`, { detail: `It is at ${seen} and needs ${toLsn}; its receiver is ${receiver?.status ?? 'not there'}.` });
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  await detach(agent, signal);
}
