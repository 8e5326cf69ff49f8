import { CancellationScope, ParentClosePolicy, getExternalWorkflowHandle, sleep, startChild, workflowInfo } from '@temporalio/workflow';

import type { LossEvidence, Promoted } from '../../domain/cluster/failover/incident.ts';
import type { FailoverResult } from '../../domain/cluster/failover/result.ts';
import { isData } from '../../domain/cluster/node.ts';
import { rolesAfter } from '../../domain/cluster/roles-after.ts';
import { reportOfFailure } from '../failure.ts';
import { failoverPromotedSignal, redundancyWorkflowId } from '../messages.ts';
import type { FailoverContext } from './fail-over-cluster.ts';
import { onNodeWithin, urgently } from './node-proxies.ts';
import { end } from './take-back.ts';

/** Then the rest goes on by itself: the cluster must be free for the next loss. */
const PATIENCE_MS = 30_000;

/**
 * Behind the promotion (D7, D8): service is up, redundancy is not. The standbys follow, first of all, because in synchronous mode no commit is confirmed
 * before one does; the old primary comes back by a workflow of its own, which waits for its agent however long that takes.
 */
export async function endPromoted(context: FailoverContext, evidence: LossEvidence, promoted: Promoted): Promise<FailoverResult> {
  const { run, operation, cluster, primary, order, by } = context;
  const missing: string[] = [];
  const step = async (id: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      run.note(id, 'done');
    } catch (error) {
      const { message, detail } = reportOfFailure(error);
      run.note(id, 'failed', { message, detail });
      run.remark(`${id}: ${message}${detail === undefined ? '' : ` (${detail})`}`);
      missing.push(id);
    }
  };
  const automatic = evidence.gates !== null;
  await Promise.all([
    step('lead-siblings', () => leadSiblings(context, promoted)),
    ...(promoted.routed ? [] : [step('switch-route', () => urgently.leadRouteTo.executeWithOptions({ summary: `lead the route to ${promoted.node}` }, [{ cluster, promoted }]))]),
    urgently.recordPromotion.executeWithOptions({ summary: `record that ${promoted.node} is primary` }, [{ cluster, operation, by, automatic, evidence, promoted }]).then(tellWatcher),
    step('checkpoint', () => onNodeWithin(promoted.node, '30s', '1h').checkpointNode.executeWithOptions({ summary: `checkpoint of ${promoted.node}` }, [order])),
  ]);
  await urgently.freeCluster.executeWithOptions({ summary: 'let the next operation in' }, [{ cluster, operation }]);
  const rest = await startChild('restoreRedundancy', {
    workflowId: redundancyWorkflowId(cluster, operation), parentClosePolicy: ParentClosePolicy.ABANDON,
    args: [{ cluster, node: primary, primary: promoted.node, operation, requestedBy: by }], staticSummary: `bring ${primary} back into ${cluster}`,
  });
  const left = (await within(rest.result() as Promise<{ readonly missing: readonly string[] }>, PATIENCE_MS)) ?? { missing: ['rejoin-old'] };
  for (const id of ['rejoin-old', 'analyze']) run.note(id, left.missing.includes(id) ? 'failed' : 'done');
  missing.push(...left.missing);
  if (left.missing.includes('rejoin-old')) run.remark(`${primary} is not back yet; workflow ${rest.workflowId} goes on.`);
  return await end(context, evidence, { end: missing.length === 0 ? 'SUCCESS' : 'INCOMPLETE', promoted, missing, verdict: null });
}

async function leadSiblings({ nodes, primary, order }: FailoverContext, promoted: Promoted): Promise<void> {
  const siblings = rolesAfter(nodes, promoted.node).filter((node) => isData(node) && node.name !== promoted.node && node.name !== primary);
  const ends = await Promise.allSettled(siblings.map(({ name, upstream }) => onNodeWithin(name, '10s', '2m').followNode.executeWithOptions({ summary: `${name} follows ${upstream}` }, [{ ...order, upstream: upstream ?? promoted.node }])));
  const failed = ends.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** The watcher looks at the new primary from now on. */
async function tellWatcher(): Promise<void> {
  const { parent } = workflowInfo();
  if (parent !== undefined) await getExternalWorkflowHandle(parent.workflowId).signal(failoverPromotedSignal).catch(() => undefined);
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new CancellationScope();
  const late = timer.run(() => sleep(ms)).then(() => undefined, () => undefined);
  const first = await Promise.race([work.catch(() => undefined), late]);
  timer.cancel();
  return first;
}
