import { appendAudit } from '../../../catalog/audit.ts';
import { releaseCluster } from '../../../catalog/cluster/lock.ts';
import { registerNode } from '../../../catalog/cluster/nodes.ts';
import { recordRoleChange } from '../../../catalog/cluster/role-changes.ts';
import { keepStep } from '../../../catalog/cluster/steps.ts';
import { endRun } from '../../../catalog/runs.ts';
import type { FailoverResult } from '../../../domain/cluster/failover/result.ts';
import type { LossEvidence, Promoted } from '../../../domain/cluster/failover/incident.ts';
import { declarationOf } from '../../../domain/cluster/node.ts';
import { rolesAfter } from '../../../domain/cluster/roles-after.ts';
import type { RunPhase } from '../../../domain/cluster/run/machine.ts';
import type { Dependencies } from '../../dependencies.ts';
import { leadRoute } from '../switchover/finish-promotion.ts';

interface OfRun {
  readonly cluster: string;
  readonly operation: string;
}

/** The beginning and every order to a failover, in the audit. */
export const auditFailover =
  ({ catalog }: Pick<Dependencies, 'catalog'>) =>
  async ({ cluster, operation, event, by, detail }: OfRun & { readonly event: string; readonly by: string; readonly detail: unknown }): Promise<void> => {
    await appendAudit(catalog, { eventId: `${operation}/${event}`, actor: by, action: `failover.${event.replace(/-\d+$/, '')}`, object: `cluster ${cluster}`, runId: operation, detail, result: 'done' });
  };

/** One step of a run in its journal, as people read it afterwards. */
export const keepRunStep =
  ({ catalog }: Pick<Dependencies, 'catalog'>) =>
  async ({ operation, events }: { readonly operation: string; readonly events: readonly { readonly step: string; readonly phase: RunPhase; readonly facts?: unknown }[] }): Promise<void> => {
    for (const event of events) await keepStep(catalog, operation, event);
  };

/** Writes down who is primary now, and who follows whom. Again changes nothing. */
export const recordPromotion =
  (deps: Dependencies) =>
  async ({ cluster, operation, by, automatic, evidence, promoted }: OfRun & { readonly by: string; readonly automatic: boolean; readonly evidence: LossEvidence; readonly promoted: Promoted }): Promise<void> => {
    const plan = await deps.cluster(cluster);
    for (const declaration of rolesAfter(plan.nodes.map(declarationOf), promoted.node)) await registerNode(deps.catalog, cluster, declaration);
    await recordRoleChange(deps.catalog, cluster, { epoch: promoted.epoch, operation, fromNode: evidence.primary, toNode: promoted.node, automatic, timeline: promoted.timeline });
    await appendAudit(deps.catalog, { eventId: `${operation}/promote`, actor: by, action: 'failover.promote', object: `cluster ${cluster}`, runId: operation, detail: { from: evidence.primary, ...promoted, classification: evidence.classification }, result: 'done' });
  };

/** Leads the route to the new primary, where the promotion could not. */
export const leadRouteTo =
  (deps: Dependencies) =>
  async ({ cluster, promoted }: { readonly cluster: string; readonly promoted: Promoted }): Promise<void> =>
    await leadRoute(deps, { plan: await deps.cluster(cluster), candidate: deps.node(cluster, promoted.node), epoch: promoted.epoch });

/** The undo of holding the route: it leads where it led. */
export const leadRouteBack =
  (deps: Dependencies) =>
  async ({ cluster, primary, epoch }: { readonly cluster: string; readonly primary: string; readonly epoch: Promoted['epoch'] }): Promise<void> =>
    await leadRoute(deps, { plan: await deps.cluster(cluster), candidate: deps.node(cluster, primary), epoch });

/** Gives the cluster back, and writes down how it ended. */
export const endFailover =
  ({ catalog }: Pick<Dependencies, 'catalog'>) =>
  async ({ cluster, operation, by, result }: OfRun & { readonly by: string; readonly result: FailoverResult }): Promise<void> => {
    await releaseCluster(catalog, cluster, operation);
    await endRun(catalog, operation, { state: result.end === 'ABORTED' ? 'aborted' : 'completed', result });
    await appendAudit(catalog, { eventId: `${operation}/end`, actor: by, action: `failover.${result.end.toLowerCase()}`, object: `cluster ${cluster}`, runId: operation, detail: result, result: result.end === 'ABORTED' ? 'refused' : 'done' });
  };
