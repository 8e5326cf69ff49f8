import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import { OperationError } from '../domain/errors.ts';
import type { drillCluster, DrillEnd } from '../workflows/cluster/drill/drill-cluster.ts';
import type { DrillClusterInput } from '../workflows/cluster/drill/drill-input.ts';
import { CONTROL_QUEUE, drillWorkflowId } from '../workflows/messages.ts';
import type { StartedWorkflow } from './backups.ts';

export type { DrillClusterInput, DrillEnd };

/** Begins a drill, one at a time on a cluster; a look at its gates is another workflow, which no drill is in the way of. Throws `already_running`. */
export async function startDrill(client: Client, input: DrillClusterInput): Promise<StartedWorkflow> {
  const workflowId = input.dryRun === true ? `${drillWorkflowId(input.cluster)}/dry-run` : drillWorkflowId(input.cluster);
  try {
    const handle = await client.workflow.start<typeof drillCluster>('drillCluster', { workflowId, taskQueue: CONTROL_QUEUE, args: [input], staticSummary: `drill ${input.name ?? input.kind ?? ''} of cluster ${input.cluster}` });
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new OperationError('already_running', `a drill of cluster "${input.cluster}" is under way`, { detail: `Workflow ${workflowId} runs.`, cause: error });
  }
}
