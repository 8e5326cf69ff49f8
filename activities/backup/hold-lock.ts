import { activityInfo, getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';

import { type BackupLock, dropLocks, type NewLock, takeLock } from '../../catalog/backup-locks.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * Takes a lock for the run of this step, until its run ends. One whose workflow has ended without dropping it (terminated
 * by somebody, or lost with Temporal's memory) is taken over. Error: `already_running`, which names the holder.
 */
export async function holdLock(deps: Dependencies, wanted: Omit<NewLock, 'workflowId'>): Promise<void> {
  const lock: NewLock = { ...wanted, workflowId: ownWorkflow() };
  for (;;) {
    const holder = await takeLock(deps.catalog, lock);
    if (holder === undefined) return;
    if (await isUnderWay(holder.workflowId)) throw refusal(holder);
    await dropLocks(deps.catalog, holder.runId);
  }
}

/** Drops every lock of a run. */
export const dropBackupLocks =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<void> =>
    await dropLocks(deps.catalog, runId);

/** The workflow of this step. */
export const ownWorkflow = (): string => activityInfo().workflowExecution?.workflowId ?? '';

/** Whether a workflow that is not this one runs. Of this one's id no other runs, so that an earlier run of it has ended. */
export async function isUnderWay(workflowId: string): Promise<boolean> {
  if (workflowId === ownWorkflow()) return false;
  try {
    return (await getClient().workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

const refusal = ({ object, purpose, runId, workflowId, takenAt }: BackupLock): OperationError =>
  new OperationError('already_running', `${object.replace(' ', ' "')}" is being worked with`, {
    detail: `Run ${runId} (${purpose}, workflow ${workflowId}) has it since ${takenAt}.`,
    hint: 'Wait until it has ended; `pgconvoy status` shows what is under way.',
    context: { holder: runId, workflowId, purpose },
  });
