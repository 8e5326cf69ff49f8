import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import { OperationError } from '../domain/errors.ts';
import type { expireBackups, ExpireBackupsInput, ExpireBackupsResult } from '../workflows/expire-backups.ts';
import { CONTROL_QUEUE } from '../workflows/messages.ts';
import { fromFailure } from './migrations.ts';

export type { ExpireBackupsResult };

/** Removes what a policy does not keep any more, and waits for the end. Throws `already_running`, and what ended it otherwise. */
export async function runExpiry(client: Client, input: ExpireBackupsInput): Promise<ExpireBackupsResult> {
  try {
    return await client.workflow.execute<typeof expireBackups>('expireBackups', { workflowId: `expire/${input.policy}`, taskQueue: CONTROL_QUEUE, args: [input], staticSummary: `expire backups of ${input.policy}` });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw new OperationError('already_running', `an expiry of policy "${input.policy}" is under way`, { cause: error });
    throw fromFailure(error) ?? error;
  }
}
