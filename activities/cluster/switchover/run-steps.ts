/** The steps of a switchover that touch the catalog alone. */
import { activityInfo } from '@temporalio/activity';

import { appendAudit } from '../../../catalog/audit.ts';
import { reserveEpoch, settleEpoch } from '../../../catalog/cluster/epochs.ts';
import { releaseCluster, takeCluster } from '../../../catalog/cluster/lock.ts';
import { readSystemIdentifier, registerNode } from '../../../catalog/cluster/nodes.ts';
import { pauseCluster, resumeCluster } from '../../../catalog/cluster/pause.ts';
import { recordRoleChange } from '../../../catalog/cluster/role-changes.ts';
import { endRun, recordRun } from '../../../catalog/runs.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import { declarationOf } from '../../../domain/cluster/node.ts';
import { rolesAfter } from '../../../domain/cluster/roles-after.ts';
import { type Settlement, settleWindow } from '../../../domain/cluster/run/settle.ts';
import type { SwitchoverResult } from '../../../domain/cluster/switchover/result.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';

export interface OfSwitchover {
  readonly cluster: string;
  readonly operation: string;
  readonly by: string;
}

/** C1: the cluster is this operation's. Throws `cluster_unknown`; `cluster_held` naming who has it. */
export const beginSwitchover =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation, by, to }: OfSwitchover & { readonly to: string | null }): Promise<void> => {
    if ((await readSystemIdentifier(catalog, cluster)) === undefined) throw new OperationError('cluster_unknown', `cluster "${cluster}" is not registered`);
    const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
    const purpose = to === null ? 'switchover' : `switchover to ${to}`;
    await recordRun(catalog, { runId: operation, kind: 'switchover', subject: cluster, workflowId, actor: by });
    await appendAudit(catalog, { eventId: `${operation}/start`, actor: by, action: 'switchover.start', object: `cluster ${cluster}`, runId: operation, detail: { to }, result: 'done' });
    const holder = await takeCluster(catalog, cluster, { operation, workflowId, purpose });
    if (holder.operation !== operation) throw new OperationError('cluster_held', `cluster "${cluster}" is held by another operation`, { detail: `${holder.purpose}, operation ${holder.operation}, since ${holder.takenAt}.`, context: { holder: holder.operation, workflowId: holder.workflowId } });
  };

export const reserveSwitchoverEpoch =
  ({ catalog }: Dependencies) =>
  ({ cluster, operation }: OfSwitchover): Promise<Epoch> =>
    reserveEpoch(catalog, cluster, operation);

/** Ends by itself, should nobody be there to lift it. */
const PAUSE_MS = 60 * 60_000;

/** Gives whether the pause in force is ours: a person's stays as it is. */
export const pauseForSwitchover =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation, by }: OfSwitchover): Promise<{ readonly ours: boolean }> => {
    const pause = await pauseCluster(catalog, cluster, { owner: by, reason: 'a switchover is under way', operation, forMs: PAUSE_MS });
    return { ours: pause.operation === operation };
  };

export const resumeAfterSwitchover =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation }: OfSwitchover): Promise<void> =>
    void (await resumeCluster(catalog, cluster, operation));

export const releaseAfterSwitchover =
  ({ catalog }: Dependencies) =>
  ({ cluster, operation }: OfSwitchover): Promise<void> =>
    releaseCluster(catalog, cluster, operation);

/** Of a window that gave no answer: voids the epoch when it is not claimed, so that nothing comes of it any more. */
export const settleSwitchover =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation, epoch, candidate }: OfSwitchover & { readonly epoch: Epoch; readonly candidate: string }): Promise<Settlement> =>
    settleWindow(await settleEpoch(catalog, cluster, { epoch, operation }), { epoch, operation, candidate });

/** Writes down who is primary now and who follows whom. Again changes nothing. */
export const recordSwitchover =
  (deps: Dependencies) =>
  async ({ cluster, operation, by, epoch, from, to, timeline }: OfSwitchover & { readonly epoch: Epoch; readonly from: string; readonly to: string; readonly timeline: number }): Promise<void> => {
    const { nodes } = await deps.cluster(cluster);
    for (const declaration of rolesAfter(nodes.map(declarationOf), to)) await registerNode(deps.catalog, cluster, declaration);
    await recordRoleChange(deps.catalog, cluster, { epoch, operation, fromNode: from, toNode: to, automatic: false, timeline });
    await appendAudit(deps.catalog, { eventId: `${operation}/promote`, actor: by, action: 'switchover.promote', object: `cluster ${cluster}`, runId: operation, detail: { from, to, epoch, timeline }, result: 'done' });
  };

/** An order to a switchover under way. */
export const auditSwitchoverOrder =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation, by, order, note }: OfSwitchover & { readonly order: string; readonly note: string | null }): Promise<void> =>
    void (await appendAudit(catalog, { eventId: `${operation}/${order}`, actor: by, action: `switchover.${order}`, object: `cluster ${cluster}`, runId: operation, detail: { note }, result: 'done' }));

export const endSwitchover =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation, by, result }: OfSwitchover & { readonly result: SwitchoverResult }): Promise<void> => {
    await endRun(catalog, operation, { state: result.end === 'ABORTED' ? 'aborted' : 'completed', result });
    await appendAudit(catalog, { eventId: `${operation}/end`, actor: by, action: `switchover.${(result.end ?? 'ended').toLowerCase()}`, object: `cluster ${cluster}`, runId: operation, detail: result, result: result.end === 'ABORTED' ? 'refused' : 'done' });
  };
