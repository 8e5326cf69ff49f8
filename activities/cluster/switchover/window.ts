/**
 * The write-blocked window (C4, C5), one step on the agent of the old primary. Everything that is slow comes before or after. The claim of the epoch is the
 * point of no return: before it whatever goes wrong gives the old primary back, after it there is only forward, for whoever takes over.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { cancellationSignal } from '@temporalio/activity';

import type { NodeAgent } from '../../../agent/node-agent.ts';
import { claimOver } from '../../../catalog/cluster/epochs.ts';
import type { WindowResult } from '../../../domain/cluster/switchover/window-result.ts';
import { OperationError, reportOf } from '../../../domain/errors.ts';
import { hasReached, type Lsn } from '../../../domain/lsn.ts';
import { checkpoint, orderPromotion, readReceived, writtenTimeline } from '../../../postgres/cluster/promotion.ts';
import { endOfRecordAt } from '../../../programs/control-file.ts';
import { addStandbySignal } from '../../../programs/cluster/standby-signal.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';
import { agentOf } from '../on-node.ts';
import { type DeadMan, unlessEnded, watchWindow } from './dead-man.ts';
import { endWindow, KILLED, windowOf } from './end-window.ts';
import { awaitWritable, LOOK_EVERY_MS } from './finish-promotion.ts';
import { openDiary, type WindowDiary } from './window-diary.ts';
import type { WindowOrder } from './window-order.ts';
import { type WindowWays, withWays } from './window-ways.ts';

export const switchOverWindow =
  (deps: Dependencies) =>
  async (order: WindowOrder): Promise<WindowResult> => {
    const agent = agentOf(deps);
    const cancelled = cancellationSignal();
    return await beating(() => ({ doing: `window to ${order.candidate}` }), () => agent.obey(order, 'window', (signal) => leadWindow(deps, { agent, order, signal: AbortSignal.any([signal, cancelled]) })));
  };

export interface Led {
  readonly agent: NodeAgent;
  readonly order: WindowOrder;
  readonly signal: AbortSignal;
}

/** A window that this operation has opened before is ended, never opened a second time. */
export async function leadWindow(deps: Dependencies, { agent, order, signal }: Led): Promise<WindowResult> {
  const begun = await windowOf(deps, agent, order);
  if (begun !== null) return await endWindow(deps, { agent, window: begun, reason: KILLED });
  return await withWays(deps, { agent, order }, async (ways) => {
    const { window, lease } = agent.plan();
    // A primary that gives up on the catalog in time is still within its lease when it serves again: nobody can have been promoted meanwhile.
    const limits = { budgetMs: window.budgetMs, silenceMs: Math.min(window.silenceMs, lease.selfStopMs / 2) };
    const diary = openDiary({ session: ways.diary, journal: agent.journal, order });
    using man = watchWindow({ limits, ordered: signal, hear: () => ways.diary.execute('SELECT 1') });
    using _ = agent.expectStop();
    try {
      const result = await pass({ agent, order, ways, diary, man });
      await diary.flush();
      return result;
    } catch (error) {
      const reason = error instanceof OperationError || !signal.aborted ? reportOf(error) : CALLED_OFF;
      diary.failed({ reason });
      return await endWindow(deps, { agent, window: { ...order, step: man.claim === 'not-asked' ? 'draining' : 'asked' }, reason, live: { diary, man, route: ways.route } });
    }
  });
}

const CALLED_OFF = { code: 'aborted', message: 'the switchover was called off inside the window' } as const;

interface Pass {
  readonly agent: NodeAgent;
  readonly order: WindowOrder;
  readonly ways: WindowWays;
  readonly diary: WindowDiary;
  readonly man: DeadMan;
}

async function pass(pass: Pass): Promise<WindowResult> {
  const { agent, ways, diary, man } = pass;
  await diary.keep('draining');
  diary.begin('drain');
  await diary.flush();
  await unlessEnded(man.signal, checkpoint(ways.own));
  man.open();
  diary.open();
  await drain(pass);
  const endLsn = await stopPrimary(pass);
  await confirm(pass, endLsn);
  await claim(pass);
  diary.begin('promote');
  await orderPromotion(ways.candidate);
  await awaitWritable(ways.candidate);
  diary.done('promote');
  diary.done('prove-writable');
  diary.begin('switch-route');
  if (!ways.route.holds) await pointAtCandidate(pass);
  await ways.route.resume();
  diary.done('switch-route');
  const blockedMs = diary.elapsedMs();
  const timeline = await writtenTimeline(ways.candidate);
  await agent.journal.keep({ window: null });
  return { outcome: 'switched', endLsn, timeline, times: diary.times(), blockedMs, finishedBy: 'window' };
}

/** A transaction that has not ended by the deadline is ended by the stop; without a pooler all of them are. */
async function drain({ agent, ways, diary, man }: Pass): Promise<void> {
  const deadline = new AbortController();
  const held = ways.route.pause();
  held.catch(() => undefined); // after the deadline it ends with the sessions that it waits for
  await unlessEnded(man.signal, Promise.race([held, sleep(agent.plan().window.drainMs, undefined, { signal: deadline.signal })])).finally(() => deadline.abort());
  diary.done('drain');
}

/** Fast. pg_control says when it can write no more, which is before its processes have ended: an archiver or a follower that hangs holds nothing up (HA23, HA24). */
async function stopPrimary(pass: Pass): Promise<Lsn> {
  const { ways, diary, man } = pass;
  diary.begin('stop-primary');
  process.kill(ways.postmasterPid, 'SIGINT');
  // While the pooler holds everybody back nobody goes where it points.
  const pointed = ways.route.holds ? pointAtCandidate(pass) : undefined;
  pointed?.catch(() => undefined);
  for (;;) {
    const { state, checkpointLsn } = ways.control.glance();
    if (state === 'shut down') {
      diary.done('stop-primary');
      await pointed;
      return await endOfRecordAt(ways.cluster.dataDir, { lsn: checkpointLsn, ...ways.place });
    }
    if (!isThere(ways.postmasterPid) && ways.control.glance().state !== 'shut down') throw new OperationError('node_failed', `the server of node "${ways.cluster.name}" ended without a clean stop`, { hint: `Read ${ways.cluster.logFile}.` });
    await unlessEnded(man.signal, sleep(LOOK_EVERY_MS));
  }
}

/** The tombstone is set, the journal says that the claim may have been made, and the candidate has everything, in whichever order. */
async function confirm({ ways, diary, man }: Pass, endLsn: Lsn): Promise<void> {
  diary.begin('tombstone');
  const set = addStandbySignal(ways.cluster).then(() => diary.done('tombstone'));
  await unlessEnded(man.signal, Promise.all([set, diary.keep('asked'), awaitReceived(ways, { endLsn, signal: man.signal })]));
  diary.begin('confirm-received');
  diary.done('confirm-received');
}

/** Once the old primary is gone and nothing has reached the end, nothing will: its last words got lost on the way (HA22). */
async function awaitReceived({ candidate, postmasterPid }: WindowWays, { endLsn, signal }: { endLsn: Lsn; signal: AbortSignal }): Promise<void> {
  for (;;) {
    const mayCome = isThere(postmasterPid);
    const { lsn, streaming } = await readReceived(candidate);
    if (lsn !== null && hasReached(lsn, endLsn)) return;
    if (!mayCome && !streaming) throw new OperationError('node_failed', 'the candidate did not receive the end of the log', { detail: `It has it up to ${lsn ?? 'nowhere'}; it ends at ${endLsn}.`, hint: 'Look at the log of the candidate, then run the switchover again.' });
    signal.throwIfAborted();
    await sleep(LOOK_EVERY_MS);
  }
}

async function claim({ order, ways, diary, man }: Pass): Promise<void> {
  diary.begin('claim-epoch');
  man.signal.throwIfAborted();
  // Behind the claim there is no way back from a candidate that has died meanwhile.
  if (ways.candidate.lost) throw new OperationError('connection_lost', `node "${order.candidate}" was lost inside the window`);
  man.claim = 'asked';
  const verdict = await claimOver(ways.claims, order.cluster, { epoch: order.epoch, operation: order.operation, node: order.candidate });
  man.claim = verdict.verdict === 'refused' ? 'refused' : 'granted';
  if (verdict.verdict === 'refused') throw new OperationError('epoch_refused', `epoch ${order.epoch} of cluster "${order.cluster}" was not given to operation ${order.operation}`, { detail: `${verdict.rule}: epoch ${verdict.holder.epoch} belongs to operation ${verdict.holder.operation}.` });
  diary.done('claim-epoch');
}

const pointAtCandidate = ({ agent, order, ways }: Pass): Promise<void> => {
  const { host, port } = agent.address(order.candidate);
  return ways.route.point({ host, port, database: agent.plan().database, cluster: order.cluster, epoch: order.epoch });
};

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
