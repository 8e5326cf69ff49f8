import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';

import type { FailoverProgress } from '../domain/cluster/failover/progress.ts';
import type { FailoverResult } from '../domain/cluster/failover/result.ts';
import type { WatchState } from '../domain/cluster/failover/watch-state.ts';
import type { SwitchoverProgress } from '../domain/cluster/switchover/progress.ts';
import type { SwitchoverResult } from '../domain/cluster/switchover/result.ts';
import { OperationError } from '../domain/errors.ts';
import type { failOverCluster } from '../workflows/cluster/fail-over-cluster.ts';
import type { FailOverClusterInput } from '../workflows/cluster/failover-input.ts';
import type { switchOverCluster } from '../workflows/cluster/switch-over-cluster.ts';
import type { SwitchOverClusterInput } from '../workflows/cluster/switchover-input.ts';
import type { watchCluster } from '../workflows/cluster/watch-cluster.ts';
import { abortUpdate, CONTROL_QUEUE, failoverProgressQuery, failoverWorkflowId, type Order, type Receipt, switchoverProgressQuery, switchoverWorkflowId, watchStateQuery, watchWorkflowId } from '../workflows/messages.ts';
import type { StartedWorkflow } from './backups.ts';
import { fromFailure } from './migrations.ts';

export type { FailOverClusterInput, FailoverProgress, FailoverResult, SwitchOverClusterInput, SwitchoverProgress, SwitchoverResult, WatchState };

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

/** Starts a planned switchover, or the look before it (`dryRun`), which runs beside anything. Throws `already_running`. */
export async function startSwitchover(client: Client, input: SwitchOverClusterInput): Promise<StartedWorkflow> {
  const workflowId = input.dryRun === true ? `${switchoverWorkflowId(input.cluster)}/look` : switchoverWorkflowId(input.cluster);
  try {
    const handle = await client.workflow.start<typeof switchOverCluster>('switchOverCluster', {
      workflowId,
      taskQueue: CONTROL_QUEUE,
      args: [input],
      staticSummary: `${input.dryRun === true ? 'look at a switchover of' : 'switch over'} ${input.cluster}`,
      staticDetails: 'Makes another node the primary, without losing a write. **abort** is an update (`{"by": "your name"}`); it is taken until the epoch is claimed.',
    });
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new OperationError('already_running', `cluster "${input.cluster}" is being switched over`, { detail: `Workflow ${workflowId} is under way.`, hint: `Wait for it, or call it off with \`pgconvoy cluster switchover ${input.cluster} --abort\`.`, cause: error });
  }
}

/** Where a switchover stands; undefined when there is none, or it cannot say yet. */
export const switchoverProgress = (client: Client, { workflowId, temporalRunId }: StartedWorkflow): Promise<SwitchoverProgress | undefined> => client.workflow.getHandle(workflowId, temporalRunId).query(switchoverProgressQuery).catch(() => undefined);

/** Calls a switchover off. Throws `run_unknown`, `not_now` once the epoch is claimed. */
export async function abortSwitchover(client: Client, cluster: string, given: Order): Promise<Receipt> {
  try {
    return await client.workflow.getHandle(switchoverWorkflowId(cluster)).executeUpdate(abortUpdate, { args: [given] });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new OperationError('run_unknown', `cluster "${cluster}" is not being switched over`, { hint: `\`pgconvoy cluster show ${cluster}\` says how it is.`, cause: error });
    throw fromFailure(error) ?? error;
  }
}
