import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import { OperationError } from '../domain/errors.ts';
import { CONTROL_QUEUE } from '../workflows/messages.ts';
import type { takeBackupInventory, TakeBackupInventoryInput, TakeBackupInventoryResult } from '../workflows/take-backup-inventory.ts';
import { fromFailure } from './migrations.ts';

export type { TakeBackupInventoryResult };

/** Compares a store with the catalog, and waits for the end. Throws `already_running`, and what ended it otherwise. */
export async function runInventory(client: Client, input: TakeBackupInventoryInput & { readonly store: string }): Promise<TakeBackupInventoryResult> {
  try {
    return await client.workflow.execute<typeof takeBackupInventory>('takeBackupInventory', { workflowId: `inventory/${input.store}`, taskQueue: CONTROL_QUEUE, args: [input], staticSummary: `compare store ${input.store} with the catalog` });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw new OperationError('already_running', `an inventory of store "${input.store}" is under way`, { cause: error });
    throw fromFailure(error) ?? error;
  }
}
