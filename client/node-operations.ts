import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import type { NodeRunProgress, NodeRunResult } from '../domain/cluster/run/node-run.ts';
import { OperationError } from '../domain/errors.ts';
import type { cloneNode } from '../workflows/cluster/clone-node.ts';
import type { followNode } from '../workflows/cluster/follow-node.ts';
import type { initCluster } from '../workflows/cluster/init-cluster.ts';
import type { CloneNodeInput, FollowNodeInput, InitClusterInput, RejoinNodeInput } from '../workflows/cluster/node-input.ts';
import type { rejoinNode } from '../workflows/cluster/rejoin-node.ts';
import { CONTROL_QUEUE, nodeProgressQuery, nodeWorkflowId } from '../workflows/messages.ts';
import type { StartedWorkflow } from './backups.ts';

export type { CloneNodeInput, FollowNodeInput, InitClusterInput, NodeRunProgress, NodeRunResult, RejoinNodeInput };

interface Inputs {
  readonly initCluster: InitClusterInput;
  readonly cloneNode: CloneNodeInput;
  readonly rejoinNode: RejoinNodeInput;
  readonly followNode: FollowNodeInput;
}

interface NodeWorkflows {
  readonly initCluster: typeof initCluster;
  readonly cloneNode: typeof cloneNode;
  readonly rejoinNode: typeof rejoinNode;
  readonly followNode: typeof followNode;
}

export type NodeWorkflow = keyof Inputs;

/** Starts an operation on a node: one at a time for each. Throws `already_running`. */
export async function startNodeOperation<Name extends NodeWorkflow>(client: Client, name: Name, input: Inputs[Name]): Promise<StartedWorkflow> {
  const workflowId = nodeWorkflowId(input.cluster, input.node);
  try {
    // The types of Temporal's client do not carry a name over to its arguments when the name is a parameter.
    const options = { workflowId, taskQueue: CONTROL_QUEUE, args: [input] as never, staticSummary: `${name} ${input.node}` };
    const handle = await client.workflow.start<NodeWorkflows[Name]>(name, options as never);
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new OperationError('already_running', `node "${input.node}" is being worked on`, { detail: `Workflow ${workflowId} is under way.`, hint: '`pgconvoy status` shows it.', cause: error });
  }
}

/** Where an operation stands; undefined when it cannot say yet. */
export const nodeProgress = (client: Client, { workflowId, temporalRunId }: StartedWorkflow): Promise<NodeRunProgress | undefined> => client.workflow.getHandle(workflowId, temporalRunId).query(nodeProgressQuery).catch(() => undefined);
