import { upsertSearchAttributes } from '@temporalio/workflow';

import type { RuleResult } from '../../domain/cluster/citation.ts';
import type { LossEvidence, Promoted } from '../../domain/cluster/failover/incident.ts';
import type { FailoverResult } from '../../domain/cluster/failover/result.ts';
import type { RunEnd } from '../../domain/cluster/run/machine.ts';
import { isData } from '../../domain/cluster/node.ts';
import { STATE_ATTRIBUTE } from '../messages.ts';
import { reportOfFailure } from '../failure.ts';
import type { FailoverContext } from './fail-over-cluster.ts';
import { onNodeWithin, urgently } from './node-proxies.ts';

/**
 * Nobody is promoted: the old primary serves again, as far as it can be reached, and its standbys follow it. The fence goes first, because whoever follows
 * needs somebody to follow.
 */
export async function takeBack(context: FailoverContext, evidence: LossEvidence, verdict: RuleResult): Promise<FailoverResult> {
  const { run, primary, nodes, order, cluster } = context;
  run.change({ state: 'taking-back', standstill: null });
  const missing: string[] = [];
  const undo = async (step: string, work: () => Promise<unknown>): Promise<void> => {
    if (!run.progress.events.some((event) => event.step === step && event.phase === 'intent')) return;
    run.note(step, 'undo-intent');
    try {
      await work();
      run.note(step, 'undone');
    } catch (error) {
      run.note(step, 'undo-failed', { problem: reportOfFailure(error) });
      missing.push(step);
    }
  };
  await undo('fence', () => onNodeWithin(primary, '30s', '2m').liftFence.executeWithOptions({ summary: `lift the fence of ${primary}` }, [order]));
  await undo('fence', () => urgently.leadRouteBack.executeWithOptions({ summary: `lead the route back to ${primary}` }, [{ cluster, primary, epoch: order.epoch }]));
  const standbys = nodes.filter((node) => isData(node) && node.name !== primary);
  await undo('detach-receivers', () => Promise.all(standbys.map(({ name, upstream }) => onNodeWithin(name, '30s', '2m').followNode.executeWithOptions({ summary: `${name} follows ${upstream ?? primary} again` }, [{ ...order, upstream: upstream ?? primary }]))));
  return await end(context, evidence, { end: 'ABORTED', promoted: null, missing, verdict });
}

export async function end({ run, cluster, operation, by, primary, preempted }: FailoverContext, evidence: LossEvidence, outcome: { readonly end: RunEnd; readonly promoted: Promoted | null; readonly missing: readonly string[]; readonly verdict: RuleResult | null }): Promise<FailoverResult> {
  const result: FailoverResult = { ...outcome, operation, cluster, from: primary, classification: evidence.classification, preempted };
  run.note('unlock', 'done');
  await urgently.keepRunStep.executeWithOptions({ summary: 'keep the journal' }, [{ operation, events: run.takeUnwritten() }]);
  await urgently.endFailover.executeWithOptions({ summary: 'give the cluster back' }, [{ cluster, operation, by, result }]);
  run.change({ state: 'ended', end: outcome.end });
  upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: outcome.end === 'ABORTED' ? 'aborted' : 'completed' }]);
  return result;
}
