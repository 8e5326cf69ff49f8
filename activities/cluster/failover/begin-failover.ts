import { setTimeout as sleep } from 'node:timers/promises';

import { activityInfo, cancellationSignal, getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';

import { reserveEpoch } from '../../../catalog/cluster/epochs.ts';
import { clusterHolder, type ClusterLock, seizeCluster, takeCluster } from '../../../catalog/cluster/lock.ts';
import { readSystemIdentifier } from '../../../catalog/cluster/nodes.ts';
import { keepStep } from '../../../catalog/cluster/steps.ts';
import { recordRun, runKind } from '../../../catalog/runs.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import { primaryOf } from '../../../domain/cluster/failover/assess.ts';
import { judgePreemption } from '../../../domain/cluster/failover/preempt.ts';
import { declarationOf, type NodeDeclaration } from '../../../domain/cluster/node.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';

export interface BeginFailoverInput {
  readonly cluster: string;
  readonly operation: string;
  readonly purpose: string;
  readonly requestedBy: string;
}

export interface BegunFailover {
  readonly epoch: Epoch;
  readonly primary: string;
  /** Every node as it is registered. */
  readonly nodes: readonly NodeDeclaration[];
  /** Who had to give the cluster up for it. */
  readonly preempted: string | null;
}

/** D1: has the cluster, whoever else had it, and an epoch of its own. Throws `cluster_unknown`, `cluster_unfit`, `cluster_held` while another failover decides. */
export const beginFailover =
  (deps: Dependencies) =>
  async (input: BeginFailoverInput): Promise<BegunFailover> =>
    await beating(() => ({ doing: 'take the cluster' }), () => begin(deps, input));

async function begin(deps: Dependencies, { cluster, operation, purpose, requestedBy }: BeginFailoverInput): Promise<BegunFailover> {
  if ((await readSystemIdentifier(deps.catalog, cluster)) === undefined) throw new OperationError('cluster_unknown', `cluster "${cluster}" is not registered`);
  const plan = await deps.cluster(cluster);
  const primary = primaryOf(plan.nodes);
  if (primary === undefined) throw new OperationError('cluster_unfit', `cluster "${cluster}" has no primary`, { detail: 'No node is registered as one.', hint: `Run \`pgconvoy cluster register ${cluster}\`.` });
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  const preempted = await take(deps, { cluster, window: plan.window, wanted: { operation, workflowId, purpose } });
  await recordRun(deps.catalog, { runId: operation, kind: 'failover', subject: cluster, workflowId, actor: requestedBy });
  const epoch = await reserveEpoch(deps.catalog, cluster, operation);
  await keepStep(deps.catalog, operation, { step: 'reserve-epoch', phase: 'done', facts: { epoch, preempted, primary: primary.name } });
  return { epoch, primary: primary.name, nodes: plan.nodes.map(declarationOf), preempted };
}

interface Taking {
  readonly cluster: string;
  readonly window: { readonly budgetMs: number; readonly silenceMs: number };
  readonly wanted: Omit<ClusterLock, 'takenAt'>;
}

/** Gives who had it. */
async function take(deps: Dependencies, { cluster, window, wanted }: Taking): Promise<string | null> {
  let preempted: string | null = null;
  for (;;) {
    const holder = await takeCluster(deps.catalog, cluster, wanted);
    if (holder.operation === wanted.operation) return preempted;
    const { action, withinMs, reason } = judgePreemption({ ...holder, kind: await runKind(deps.catalog, holder.operation), underWay: await isUnderWay(holder.workflowId) }, window);
    if (action === 'refuse') throw new OperationError('cluster_held', `cluster "${cluster}" is being failed over`, { detail: reason, context: { holder: holder.operation, workflowId: holder.workflowId } });
    if (action === 'ask') await askForIt(deps, cluster, holder, withinMs);
    preempted = `${holder.operation} (${holder.purpose})`;
    if (await seizeCluster(deps.catalog, cluster, holder.operation, wanted)) return preempted;
  }
}

const LOOK_EVERY_MS = 20;

/** Returns when it has given the cluster back, or its time is over. */
async function askForIt({ catalog }: Dependencies, cluster: string, holder: ClusterLock, withinMs: number): Promise<void> {
  await getClient().workflow.getHandle(holder.workflowId).cancel().catch(gone);
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline && (await clusterHolder(catalog, cluster))?.operation === holder.operation) await sleep(LOOK_EVERY_MS, undefined, { signal: cancellationSignal() });
}

/** Whether a workflow runs. */
export async function isUnderWay(workflowId: string): Promise<boolean> {
  const description = await getClient().workflow.getHandle(workflowId).describe().catch(gone);
  return description !== undefined && description.status.name === 'RUNNING';
}

function gone(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
