import { activityInfo } from '@temporalio/activity';

import { appendAudit } from '../../../catalog/audit.ts';
import { highestEpoch, reserveEpoch } from '../../../catalog/cluster/epochs.ts';
import { releaseCluster, takeCluster } from '../../../catalog/cluster/lock.ts';
import { pauseCluster, resumeCluster } from '../../../catalog/cluster/pause.ts';
import { endRun, recordRun, runKind } from '../../../catalog/runs.ts';
import { type Epoch, epochOf } from '../../../domain/cluster/epoch.ts';
import { lintPause } from '../../../domain/cluster/failover/pause.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';

interface Receipt {
  readonly accepted: true;
  readonly order: string;
  readonly runId: string;
  readonly state: string;
}

/** Of a step of this workflow: the same when it is tried again. */
const eventId = (cluster: string, event: string): string => {
  const { workflowExecution, activityId } = activityInfo();
  return `watch/${cluster}/${workflowExecution?.runId ?? ''}/${event}-${activityId}`;
};

export const pauseWatch =
  (deps: Dependencies) =>
  async ({ cluster, by, reason, forMs, state }: { readonly cluster: string; readonly by: string; readonly reason: string; readonly forMs: number; readonly state: string }): Promise<Receipt> => {
    const [wrong] = lintPause({ by, forMs }, (await deps.cluster(cluster)).watch.longestPauseMs);
    if (wrong !== undefined) throw new OperationError('input_invalid', `the watcher of cluster "${cluster}" cannot be paused like this`, { detail: wrong.reason });
    const kept = await pauseCluster(deps.catalog, cluster, { owner: by, reason, operation: null, forMs });
    await appendAudit(deps.catalog, { eventId: eventId(cluster, 'pause'), actor: by, action: 'watch.pause', object: `cluster ${cluster}`, detail: kept, result: 'done' });
    return { accepted: true, order: 'pause', runId: cluster, state };
  };

export const resumeWatch =
  (deps: Dependencies) =>
  async ({ cluster, by, state }: { readonly cluster: string; readonly by: string; readonly state: string }): Promise<Receipt> => {
    const was = await resumeCluster(deps.catalog, cluster, null);
    await appendAudit(deps.catalog, { eventId: eventId(cluster, 'resume'), actor: by, action: 'watch.resume', object: `cluster ${cluster}`, detail: { was }, result: 'done' });
    return { accepted: true, order: 'resume', runId: cluster, state };
  };

/** Every change of what the watcher thinks of a cluster. */
export const auditWatch =
  (deps: Dependencies) =>
  async ({ cluster, event, by, detail }: { readonly cluster: string; readonly event: 'well' | 'alert' | 'restart'; readonly by: string; readonly detail: unknown }): Promise<void> => {
    await appendAudit(deps.catalog, { eventId: eventId(cluster, event), actor: `watcher (${by})`, action: `watch.${event}`, object: `cluster ${cluster}`, detail, result: 'done' });
  };

/** Lock and epoch for starting a primary again (G3). Throws `cluster_held`: what is under way is not disturbed for that. */
export const beginRestart =
  (deps: Dependencies) =>
  async ({ cluster, operation, requestedBy }: { readonly cluster: string; readonly operation: string; readonly requestedBy: string }): Promise<Epoch> => {
    const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
    const holder = await takeCluster(deps.catalog, cluster, { operation, workflowId, purpose: 'start the primary again' });
    if (holder.operation !== operation) throw new OperationError('cluster_held', `cluster "${cluster}" is being worked with`, { detail: `Operation ${holder.operation} (${holder.purpose}) has it since ${holder.takenAt}.` });
    await recordRun(deps.catalog, { runId: operation, kind: 'restart', subject: cluster, workflowId, actor: requestedBy });
    return await reserveEpoch(deps.catalog, cluster, operation);
  };

/** Gives the cluster back; the run of a restart is over with that. */
export const freeCluster =
  (deps: Dependencies) =>
  async ({ cluster, operation }: { readonly cluster: string; readonly operation: string }): Promise<void> => {
    await releaseCluster(deps.catalog, cluster, operation);
    if ((await runKind(deps.catalog, operation)) === 'restart') await endRun(deps.catalog, operation, { state: 'completed' });
  };

/** For an order that promotes nothing. */
export const currentEpoch =
  (deps: Dependencies) =>
  async ({ cluster }: { readonly cluster: string }): Promise<Epoch> =>
    (await highestEpoch(deps.catalog, cluster)) ?? epochOf(1);
