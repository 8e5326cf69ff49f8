import { activityInfo } from '@temporalio/activity';

import { appendAudit } from '../../../catalog/audit.ts';
import { highestEpoch, reserveEpoch } from '../../../catalog/cluster/epochs.ts';
import { takeCluster } from '../../../catalog/cluster/lock.ts';
import { listNodes, readSystemIdentifier } from '../../../catalog/cluster/nodes.ts';
import { recordRun } from '../../../catalog/runs.ts';
import type { ClusterNode } from '../../../domain/cluster/cluster.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import type { NodeRunKind } from '../../../domain/cluster/run/node-run.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';

export interface NodeRunOrder {
  readonly operation: string;
  readonly kind: NodeRunKind;
  readonly cluster: string;
  readonly node: string;
  readonly requestedBy: string;
  /** Nothing is taken or written down. */
  readonly dryRun: boolean;
}

export interface BegunNodeRun {
  /** Orders that promote nothing carry the highest there is. */
  readonly epoch: Epoch;
  readonly primary: string;
  /** From which the node is to stream: the one its entry names, else the primary. */
  readonly upstream: string;
  readonly self: Pick<ClusterNode, 'name' | 'role' | 'upstream'>;
}

/** Takes the cluster for one operation on a node. Throws `cluster_unknown`, `cluster_held` with who has it, `cluster_unfit`, `name_unknown`. */
export const beginNodeRun =
  (deps: Dependencies) =>
  async (order: NodeRunOrder): Promise<BegunNodeRun> => {
    const { cluster, node, operation } = order;
    const plan = await deps.cluster(cluster);
    const self = dataNode(plan.nodes, cluster, node);
    if ((await readSystemIdentifier(deps.catalog, cluster)) === undefined) throw new OperationError('cluster_unknown', `cluster "${cluster}" is not registered`);
    const registered = (await listNodes(deps.catalog, cluster)).map(({ declaration }) => declaration);
    const primary = registered.find(({ role }) => role === 'primary');
    if (primary === undefined) throw new OperationError('cluster_unfit', `cluster "${cluster}" has no primary`, { hint: `Run \`pgconvoy cluster register ${cluster}\`.` });
    if (primary.name === node) throw new OperationError('cluster_unfit', `node "${node}" is the primary of cluster "${cluster}"`, { hint: `Make another node the primary first: \`pgconvoy cluster switchover ${cluster}\`.` });
    if (!order.dryRun) await take(deps, order);
    const epoch = (await highestEpoch(deps.catalog, cluster)) ?? (await reserveEpoch(deps.catalog, cluster, operation));
    const wanted = self.wantedUpstream;
    return { epoch, primary: primary.name, upstream: wanted === null || wanted === node ? primary.name : wanted, self: { name: self.name, role: self.role, upstream: self.upstream } };
  };

export function dataNode(nodes: readonly ClusterNode[], cluster: string, node: string): ClusterNode {
  const self = nodes.find(({ name }) => name === node);
  if (self === undefined) throw new OperationError('name_unknown', `node "${node}" is not in cluster "${cluster}"`, { detail: `The nodes are ${nodes.map(({ name }) => name).join(', ')}.`, context: { kind: 'node', name: node } });
  if (self.role === 'witness') throw new OperationError('cluster_unfit', `node "${node}" is a witness and holds no data`);
  return self;
}

export async function take(deps: Dependencies, { cluster, node, operation, kind, requestedBy }: NodeRunOrder): Promise<void> {
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  const holder = await takeCluster(deps.catalog, cluster, { operation, workflowId, purpose: `${kind} of ${node}` });
  if (holder.operation !== operation) throw new OperationError('cluster_held', `cluster "${cluster}" is held by another operation`, { detail: `${holder.purpose} (${holder.operation}) has it since ${holder.takenAt}.`, context: { holder: holder.operation, workflowId: holder.workflowId } });
  await writeStart(deps, { cluster, node, operation, kind, requestedBy, workflowId });
}

export async function writeStart(deps: Dependencies, { workflowId, ...order }: Omit<NodeRunOrder, 'dryRun'> & { readonly workflowId: string }): Promise<void> {
  const { cluster, node, operation, kind, requestedBy } = order;
  await recordRun(deps.catalog, { runId: operation, kind, subject: cluster, workflowId, actor: requestedBy });
  await appendAudit(deps.catalog, { eventId: `${operation}/start`, actor: requestedBy, action: `cluster.${kind}.start`, object: `node ${node}`, runId: operation, detail: { cluster }, result: 'done' });
}
