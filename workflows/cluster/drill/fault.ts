import { executeChild, ParentClosePolicy, proxyActivities } from '@temporalio/workflow';

import type { Activities } from '../../../activities/index.ts';
import type { FaultProof, NodeFault } from '../../../activities/cluster/drill/faults.ts';
import type { GatedDrill } from '../../../activities/cluster/drill/gate-drill.ts';
import { reportOfFailure } from '../../failure.ts';
import { CONTROL_QUEUE, nodeQueue, switchoverWorkflowId } from '../../messages.ts';
import { quickly } from '../../proxies.ts';
import type { DrillRun } from './drill-run.ts';

export interface DrillScene {
  readonly cluster: string;
  readonly operation: string;
  readonly consentBy: string;
  readonly run: DrillRun;
  readonly drill: GatedDrill['drill'];
  /** Where the fault is made: the primary. */
  readonly node: string;
}

const ends = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' } as const;

/** Once: a fault that may have been made is not made again. */
const onceOn = (taskQueue: string) => proxyActivities<Activities>({ ...ends, taskQueue, scheduleToStartTimeout: '10s', startToCloseTimeout: '2m', heartbeatTimeout: '20s', retry: { maximumAttempts: 1 } });

/** Until it is done: a node that is frozen or cut off takes the order when it is back. */
const untilDoneOn = (taskQueue: string) => proxyActivities<Activities>({ ...ends, taskQueue, startToCloseTimeout: '2m', scheduleToCloseTimeout: '30m', heartbeatTimeout: '20s', retry: { initialInterval: '500ms', backoffCoefficient: 1.5, maximumInterval: '5s' } });

/** H3. A fault that could not be made is no failure of the drill: it has no proof then. */
export async function makeFault(scene: DrillScene): Promise<FaultProof> {
  const { cluster, operation, node, drill } = scene;
  try {
    switch (drill.plan.kind) {
      case 'planned':
        return await switchOver(scene);
      case 'partition':
        return await onceOn(CONTROL_QUEUE).cutNode.executeWithOptions({ summary: `cut ${node} off` }, [{ cluster, operation, node, action: 'cut' }]);
      default:
        return await onceOn(nodeQueue(node)).injectFault.executeWithOptions({ summary: `${drill.plan.kind} on ${node}` }, [await faultOrder(scene, drill.plan.kind)]);
    }
  } catch (error) {
    // Whoever kills a server may be heard no more by then; what the catalog has of it decides.
    return { injected: false, proof: `The order to make the fault did not succeed: ${reportOfFailure(error).message}.` };
  }
}

async function switchOver({ cluster, operation, consentBy, run }: DrillScene): Promise<FaultProof> {
  await quickly.noteDrill({ operation, step: 'inject', phase: 'intent' });
  const result = await executeChild<(input: object) => Promise<{ readonly end: string }>>('switchOverCluster', { workflowId: switchoverWorkflowId(cluster), args: [{ cluster, requestedBy: consentBy }], parentClosePolicy: ParentClosePolicy.ABANDON });
  await quickly.noteDrill({ operation, step: 'inject', phase: 'done', facts: result });
  if (result.end !== 'SUCCESS') run.notes.push(`The switchover ended ${result.end}.`);
  return { injected: result.end !== 'ABORTED', proof: `The switchover ended ${result.end}.` };
}

const faultOrder = async ({ cluster, operation, drill }: DrillScene, kind: NodeFault) => ({ cluster, operation, kind, freezeMs: drill.freezeMs, epoch: await quickly.newestEpoch({ cluster }) });

/** Takes back what does not heal by itself, however long that takes. */
export async function takeBack(scene: DrillScene): Promise<readonly FaultProof[]> {
  const { cluster, operation, node, drill, run } = scene;
  switch (drill.plan.kind) {
    case 'partition':
      run.step(`let ${node} in again`);
      return [await untilDoneOn(CONTROL_QUEUE).cutNode.executeWithOptions({ summary: `let ${node} in again` }, [{ cluster, operation, node, action: 'heal' }])];
    case 'freeze':
    case 'disk-full': {
      run.step(`take the fault on ${node} back`);
      const undone = await untilDoneOn(nodeQueue(node)).undoFault.executeWithOptions({ summary: `take ${drill.plan.kind} back` }, [await faultOrder(scene, drill.plan.kind)]);
      if (drill.plan.kind === 'disk-full') await untilDoneOn(nodeQueue(node)).startNode.executeWithOptions({ summary: `start ${node} if it has stopped` }, [{ cluster, operation, epoch: await quickly.newestEpoch({ cluster }), as: 'primary' }]);
      return [undone];
    }
    default:
      return [];
  }
}
