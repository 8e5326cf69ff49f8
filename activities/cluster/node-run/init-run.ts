import { activityInfo } from '@temporalio/activity';

import { claimPromotion, reserveEpoch } from '../../../catalog/cluster/epochs.ts';
import { recordCluster, registerNode, readSystemIdentifier } from '../../../catalog/cluster/nodes.ts';
import { recordRoleChange } from '../../../catalog/cluster/role-changes.ts';
import { readSteps } from '../../../catalog/cluster/steps.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import { declarationOf } from '../../../domain/cluster/node.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';
import { dataNode, type NodeRunOrder, take, writeStart } from './begin-node-run.ts';

/** Throws `cluster_unfit` for a cluster that is there already; again by the same operation it is fine. */
export const beginInit =
  (deps: Dependencies) =>
  async (order: NodeRunOrder): Promise<void> => {
    const { cluster, node, operation } = order;
    dataNode((await deps.cluster(cluster)).nodes, cluster, node);
    const known = await readSystemIdentifier(deps.catalog, cluster);
    if (known !== undefined && (await readSteps(deps.catalog, operation).catch(() => [])).length === 0) {
      throw new OperationError('cluster_unfit', `cluster "${cluster}" is there already`, { detail: `Its system identifier is ${known}.`, hint: `Add nodes with \`pgconvoy cluster clone ${cluster} <node>\`.` });
    }
    if (!order.dryRun) await writeStart(deps, { ...order, workflowId: activityInfo().workflowExecution?.workflowId ?? '' });
  };

/** From here on the cluster is known: it has a primary, and an epoch in which that was claimed. */
export const recordFirstPrimary =
  (deps: Dependencies) =>
  async ({ systemIdentifier, ...order }: NodeRunOrder & { readonly systemIdentifier: string }): Promise<{ readonly epoch: Epoch }> => {
    const { cluster, node, operation } = order;
    await recordCluster(deps.catalog, cluster, systemIdentifier);
    await take(deps, order);
    const epoch = await reserveEpoch(deps.catalog, cluster, operation);
    const claim = await claimPromotion(deps.catalog, cluster, { epoch, operation, node });
    if (claim.verdict === 'refused') throw new OperationError('cluster_unfit', `node "${node}" cannot become the first primary of cluster "${cluster}"`, { detail: `Epoch ${claim.holder.epoch} is ${claim.holder.operation}'s.`, context: { rule: claim.rule } });
    await registerNode(deps.catalog, cluster, { ...declarationOf(dataNode((await deps.cluster(cluster)).nodes, cluster, node)), role: 'primary', upstream: null });
    await recordRoleChange(deps.catalog, cluster, { epoch, operation, fromNode: null, toNode: node, automatic: false, timeline: 1 });
    return { epoch };
  };
