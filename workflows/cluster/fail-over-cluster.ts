/**
 * Forced failover (step list D): the primary is lost, or an operator says so. The old primary is fenced and every standby lets go of it while the decider
 * already looks; as soon as the fence is proven and a standby is elected, its promotion is claimed in the catalog. That claim is the point of no return:
 * before it everything can be taken back, after it there is only forward. Without proof or without a legal candidate nothing is promoted, and it waits.
 */
import { CancellationScope, isCancellation, uuid4 } from '@temporalio/workflow';

import type { BegunFailover } from '../../activities/cluster/failover/begin-failover.ts';
import type { VerifiedLoss } from '../../activities/cluster/failover/verify-lost.ts';
import type { RuleResult } from '../../domain/cluster/citation.ts';
import type { LossEvidence, Promoted } from '../../domain/cluster/failover/incident.ts';
import type { FailoverResult } from '../../domain/cluster/failover/result.ts';
import { isData } from '../../domain/cluster/node.ts';
import { parseLsn } from '../../domain/lsn.ts';
import { failWith } from '../failure.ts';
import { parseInput } from '../migration-input.ts';
import { FailoverRun } from './failover-run.ts';
import { type FailOverClusterInput, failOverClusterInput, type FailOverClusterOrder } from './failover-input.ts';
import { endPromoted } from './end-promoted.ts';
import { onNodeWithin, standingOrder, urgently } from './node-proxies.ts';
import { takeBack } from './take-back.ts';

export interface FailoverContext extends BegunFailover {
  readonly run: FailoverRun;
  readonly cluster: string;
  readonly operation: string;
  readonly order: { readonly cluster: string; readonly operation: string; readonly epoch: BegunFailover['epoch'] };
  readonly by: string;
}

export async function failOverCluster(input: FailOverClusterInput): Promise<FailoverResult> {
  const given = parseInput(failOverClusterInput, input, { cluster: 'shop', requestedBy: 'your name' });
  const { cluster, requestedBy } = given;
  if (given.consent !== undefined && given.consent !== cluster) throw failWith('input_invalid', `"${given.consent}" is not the name of the cluster`, { hint: 'Type its name to say that you know which one is meant.' });
  const operation = uuid4().replaceAll('-', '').slice(0, 10);
  const tell = (event: string, by: string, detail: unknown): Promise<void> => urgently.auditFailover.executeWithOptions({ summary: `audit: ${event}` }, [{ cluster, operation, event, by, detail }]);
  const run = new FailoverRun(operation, cluster, { consentBy: given.consent === undefined ? null : requestedBy, acceptLoss: given.acceptLoss, tell });
  const begun = await urgently.beginFailover.executeWithOptions({ summary: `take cluster ${cluster}` }, [{ cluster, operation, purpose: `failover${given.to === undefined ? '' : ` to ${given.to}`}`, requestedBy }]);
  const context: FailoverContext = { ...begun, run, cluster, operation, order: { cluster, operation, epoch: begun.epoch }, by: requestedBy };
  run.note('lock', 'done');
  run.note('reserve-epoch', 'done');
  run.change({ from: begun.primary, epoch: begun.epoch });
  if (begun.preempted !== null) run.remark(`Took the cluster from ${begun.preempted}.`);
  return await CancellationScope.nonCancellable(() => decide(context, given, tell));
}

async function decide(context: FailoverContext, given: FailOverClusterOrder, tell: (event: string, by: string, detail: unknown) => Promise<void>): Promise<FailoverResult> {
  const { run, by } = context;
  const evidence = await lossOf(context, given);
  run.change({ classification: evidence.classification });
  const started = tell('start', by, { primary: context.primary, epoch: context.epoch, preempted: context.preempted, to: given.to ?? null, force: given.force, ...run.orders, evidence });
  if (!evidence.lost && !given.force) {
    run.note('verify-lost', 'failed');
    await started;
    return await takeBack(context, evidence, { rule: 'primary-not-lost', by: ['D2', ...evidence.classification.by], reason: evidence.classification.reason });
  }
  run.note('verify-lost', 'done');
  const outcome = await fenceAndPromote(context, given, evidence);
  await started;
  return 'promoted' in outcome ? await endPromoted(context, evidence, outcome.promoted) : await takeBack(context, evidence, outcome.verdict);
}

/** What the watcher has just seen is not looked at a second time before the fence; a person's word is. */
async function lossOf({ cluster, primary }: FailoverContext, given: FailOverClusterOrder): Promise<VerifiedLoss> {
  if (given.evidence?.primary === primary) return { ...given.evidence, lost: true };
  return await urgently.verifyLost.executeWithOptions({ summary: `is ${primary} lost?` }, [{ cluster, primary }]);
}

type Outcome = { readonly promoted: Promoted } | { readonly verdict: RuleResult };

/** The orders stand for as long as it is decided: an agent that comes back late still finds them. */
async function fenceAndPromote(context: FailoverContext, given: FailOverClusterOrder, evidence: LossEvidence): Promise<Outcome> {
  const { run, order, primary, nodes } = context;
  const standing = new CancellationScope();
  run.note('fence', 'intent');
  run.note('detach-receivers', 'intent');
  const orders = standing.run(() =>
    Promise.allSettled([
      standingOrder(primary).fenceNode.executeWithOptions({ summary: `fence ${primary}` }, [order]),
      ...nodes.filter((node) => isData(node) && node.name !== primary).map(({ name }) => standingOrder(name).detachReceiver.executeWithOptions({ summary: `${name} lets go of ${primary}` }, [order])),
    ]),
  );
  const outcome = await promote(context, given, evidence);
  standing.cancel();
  const settled = orders.then((ends) => ends.filter(({ status }) => status === 'rejected').forEach((end) => remarkOn(run, (end as PromiseRejectedResult).reason)));
  // Nothing of them may be at work any more when they are taken back; once a node is promoted nobody has to wait for them.
  if ('verdict' in outcome) await settled;
  return outcome;
}

function remarkOn(run: FailoverRun, reason: unknown): void {
  if (!isCancellation(reason)) run.remark(`An order did not succeed: ${reason instanceof Error ? ((reason.cause as Error | undefined)?.message ?? reason.message) : String(reason)}`);
}

async function promote({ run, cluster, operation, epoch, order }: FailoverContext, given: FailOverClusterOrder, evidence: LossEvidence): Promise<Outcome> {
  for (;;) {
    const outcome = await urgently.promoteBest.executeWithOptions({ summary: 'prove the fence, elect, promote' }, [{ cluster, operation, epoch, evidence, forced: given.force, named: given.to ?? null, orders: run.orders }]);
    switch (outcome.outcome) {
      case 'promoted':
        run.promoted(outcome);
        for (const step of ['fence', 'detach-receivers', 'elect', 'fetch-missing', 'set-synchronous-names', 'claim-epoch', 'promote', 'prove-writable']) run.note(step, 'done');
        run.note('switch-route', outcome.routed ? 'done' : 'intent');
        return { promoted: outcome };
      case 'abort':
        return { verdict: outcome.verdict };
      case 'fetch': {
        const { node, from, toLsn } = outcome;
        await onNodeWithin(node, '10s', '2m').fetchLog.executeWithOptions({ summary: `${node} fetches the log up to ${toLsn} from ${from}` }, [{ ...order, from, toLsn: parseLsn(toLsn) }]).catch((error: unknown) => remarkOn(run, error));
        break;
      }
      case 'wait':
        run.waits(outcome.standstill);
        if (run.abortedBy !== null) return { verdict: { rule: 'aborted', by: ['D2'], reason: `${run.abortedBy} called it off.` } };
    }
  }
}
