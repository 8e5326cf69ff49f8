import { executeChild } from '@temporalio/workflow';

import type { FailoverResult } from '../../domain/cluster/failover/result.ts';
import { ESCALATION } from '../../domain/cluster/run/machine.ts';
import { reportOfFailure } from '../failure.ts';
import { failoverWorkflowId } from '../messages.ts';
import { fromControl } from './switchover-proxies.ts';
import type { SwitchoverContext } from './switchover-steps.ts';

/** The old primary cannot be brought back: a failover finds another. The cluster is given up to it first. Gives false when nobody was promoted. */
export async function escalate({ run, of }: SwitchoverContext): Promise<boolean> {
  run.note(ESCALATION, 'intent');
  try {
    await fromControl.resumeAfterSwitchover.executeWithOptions({ summary: 'resume the watcher' }, [of]);
    await fromControl.releaseAfterSwitchover.executeWithOptions({ summary: 'give the cluster up to a failover' }, [of]);
    const { end } = await executeChild<() => Promise<FailoverResult>>('failOverCluster', { workflowId: failoverWorkflowId(of.cluster), args: [{ cluster: of.cluster, requestedBy: of.by }] as never, staticSummary: `fail over ${of.cluster}, for a switchover that cannot be taken back` });
    if (end !== 'ABORTED') {
      run.note(ESCALATION, 'done');
      return true;
    }
    // The old primary is not lost after all: what could not be taken back is tried again.
    run.note(ESCALATION, 'failed');
    const stuck = run.events.findLast(({ phase }) => phase === 'undo-failed');
    if (stuck !== undefined) run.note(stuck.step, 'undo-intent');
  } catch (error) {
    run.note(ESCALATION, 'failed', { error: reportOfFailure(error) });
  }
  return false;
}
