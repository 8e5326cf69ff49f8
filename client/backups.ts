import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import type { BackupRunProgress } from '../domain/backup/run-progress.ts';
import { OperationError } from '../domain/errors.ts';
import { backupProgressQuery, backupWorkflowId, CONTROL_QUEUE, proofWorkflowId, restoreWorkflowId } from '../workflows/messages.ts';
import type { backUpServer, BackUpServerResult } from '../workflows/back-up-server.ts';
import type { BackUpServerInput, RestoreBackupInput, VerifyBackupInput } from '../workflows/backup-input.ts';
import type { restoreBackup, RestoreBackupResult } from '../workflows/restore-backup.ts';
import type { verifyBackup, VerifyBackupResult } from '../workflows/verify-backup.ts';
import { fromFailure } from './migrations.ts';

export type { BackUpServerInput, BackUpServerResult, RestoreBackupInput, RestoreBackupResult, VerifyBackupInput, VerifyBackupResult };

export interface StartedWorkflow {
  readonly workflowId: string;
  /** Temporal's own id of this run of the workflow. */
  readonly temporalRunId: string;
}

/** Starts a run of a policy. Throws `already_running`. */
export const startBackup = (client: Client, input: BackUpServerInput): Promise<StartedWorkflow> =>
  start(`policy "${input.policy}"`, backupWorkflowId(input.policy), (options) => client.workflow.start<typeof backUpServer>('backUpServer', { ...options, args: [input], staticSummary: `back up ${input.policy}` }));

/** Starts the proof of a backup. Throws `already_running`. */
export const startProof = (client: Client, input: VerifyBackupInput & { backup: string }): Promise<StartedWorkflow> =>
  start(`backup "${input.backup}"`, proofWorkflowId(input.backup), (options) => client.workflow.start<typeof verifyBackup>('verifyBackup', { ...options, args: [input], staticSummary: `prove ${input.backup}` }));

/** Starts a restore. Throws `already_running` while another one goes on into the same database. */
export const startRestore = (client: Client, input: RestoreBackupInput): Promise<StartedWorkflow> =>
  start(`database "${input.database}" on server "${input.server}"`, restoreWorkflowId(input.server, input.database), (options) =>
    client.workflow.start<typeof restoreBackup>('restoreBackup', { ...options, args: [input], staticSummary: `restore ${input.backup ?? `the newest of ${input.newest}`} into ${input.database} on ${input.server}` }),
  );

async function start(subject: string, workflowId: string, begin: (options: { workflowId: string; taskQueue: string }) => Promise<{ firstExecutionRunId: string }>): Promise<StartedWorkflow> {
  try {
    return { workflowId, temporalRunId: (await begin({ workflowId, taskQueue: CONTROL_QUEUE })).firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new OperationError('already_running', `${subject} is being worked with`, { detail: `Workflow ${workflowId} is under way.`, hint: '`pgconvoy status` shows it.', cause: error });
  }
}

/** Waits for the end; throws what ended it otherwise, with the code of the failure. */
export async function workflowResult<Result>(client: Client, { workflowId, temporalRunId }: StartedWorkflow): Promise<Result> {
  try {
    return (await client.workflow.getHandle(workflowId, temporalRunId).result()) as Result;
  } catch (error) {
    throw fromFailure(error) ?? error;
  }
}

/** Where a run of a policy stands. */
export const backupProgress = (client: Client, { workflowId, temporalRunId }: StartedWorkflow): Promise<BackupRunProgress> => client.workflow.getHandle(workflowId, temporalRunId).query(backupProgressQuery);
