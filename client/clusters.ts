import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';

import type { FailoverProgress } from '../domain/cluster/failover/progress.ts';
import type { FailoverResult } from '../domain/cluster/failover/result.ts';
import type { WatchState } from '../domain/cluster/failover/watch-state.ts';
import { OperationError } from '../domain/errors.ts';
import type { failOverCluster } from '../workflows/cluster/fail-over-cluster.ts';
import type { FailOverClusterInput } from '../workflows/cluster/failover-input.ts';
import type { watchCluster } from '../workflows/cluster/watch-cluster.ts';
import { CONTROL_QUEUE, failoverProgressQuery, failoverWorkflowId, watchStateQuery, watchWorkflowId } from '../workflows/messages.ts';
import type { StartedWorkflow } from './backups.ts';

export type { FailOverClusterInput, FailoverProgress, FailoverResult, WatchState };

/** Starts a failover. Throws `already_running`. */
export async function startFailover(client: Client, input: FailOverClusterInput): Promise<StartedWorkflow> {
  const workflowId = failoverWorkflowId(input.cluster);
  try {
    const handle = await client.workflow.start<typeof failOverCluster>('failOverCluster', {
      workflowId,
      taskQueue: CONTROL_QUEUE,
      args: [input],
      staticSummary: `fail over ${input.cluster}`,
      staticDetails: 'Promotes a standby in place of a lost primary. While it waits for a proof or a candidate, **abort**, **consent** and **acceptLoss** are updates.',
    });
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new OperationError('already_running', `cluster "${input.cluster}" is being failed over`, { detail: `Workflow ${workflowId} is under way.`, hint: `\`pgconvoy cluster failover ${input.cluster} --follow\` shows it.`, cause: error });
  }
}

/** Where a failover stands; undefined when there is none, or it cannot say yet. */
export const failoverProgress = (client: Client, cluster: string, temporalRunId?: string): Promise<FailoverProgress | undefined> => client.workflow.getHandle(failoverWorkflowId(cluster), temporalRunId).query(failoverProgressQuery).catch(() => undefined);

/** Starts the watcher of a cluster, or finds that it runs: `started` says which. */
export async function startWatch(client: Client, input: { readonly cluster: string; readonly requestedBy: string }): Promise<{ readonly workflowId: string; readonly started: boolean }> {
  const workflowId = watchWorkflowId(input.cluster);
  try {
    await client.workflow.start<typeof watchCluster>('watchCluster', {
      workflowId, taskQueue: CONTROL_QUEUE, args: [input], staticSummary: `watch ${input.cluster}`,
      staticDetails: 'Watches the primary and fails over by itself when the gates allow that. **pause** (`{"by", "note", "forMs"}`) and **resume** are updates.',
    });
    return { workflowId, started: true };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, started: false };
    throw error;
  }
}

/** Ends the watcher; a failover that it has begun goes on. Gives whether there was one. */
export async function stopWatch(client: Client, cluster: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(watchWorkflowId(cluster)).cancel();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** What the watcher sees; undefined when none runs. */
export async function watchState(client: Client, cluster: string): Promise<WatchState | undefined> {
  const handle = client.workflow.getHandle(watchWorkflowId(cluster));
  try {
    if ((await handle.describe()).status.name !== 'RUNNING') return undefined;
    return await handle.query(watchStateQuery);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
