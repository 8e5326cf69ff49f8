import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import { type ErrorReport, isErrorCode, OperationError } from '../domain/errors.ts';
import type { MigrationProgress } from '../domain/migration/progress.ts';
import { abortUpdate, approveUpdate, commitUpdate, CONTROL_QUEUE, migrationWorkflowId, type Order, pauseUpdate, progressQuery, type Receipt, resumeUpdate } from '../workflows/messages.ts';
import type { migrateDatabase, MigrateDatabaseResult } from '../workflows/migrate-database.ts';
import type { MigrateDatabaseInput } from '../workflows/migration-input.ts';

export type { MigrateDatabaseInput, MigrateDatabaseResult };

const UPDATES = { approve: approveUpdate, pause: pauseUpdate, resume: resumeUpdate, abort: abortUpdate, commit: commitUpdate } as const;
export type MigrationOrder = keyof typeof UPDATES;

/** A migration that was started: the workflow's id, and the run's own id at Temporal. */
export interface StartedMigration {
  readonly workflowId: string;
  readonly temporalRunId: string;
}

/** Starts a migration. Throws `already_running`. */
export async function startMigration(client: Client, input: MigrateDatabaseInput): Promise<StartedMigration> {
  const workflowId = migrationWorkflowId(input.migration);
  try {
    const handle = await client.workflow.start<typeof migrateDatabase>('migrateDatabase', {
      workflowId,
      taskQueue: CONTROL_QUEUE,
      args: [input],
      staticSummary: `migrate ${input.migration}`,
      staticDetails: `Moves a database as \`migrations.${input.migration}\` of the inventory says. **Approve**, **pause**, **resume**, **abort** and **commit** are updates: give \`{"by": "your name"}\`.`,
    });
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new OperationError('already_running', `migration "${input.migration}" is already under way`, { hint: `\`pgconvoy migrate status ${input.migration}\` shows it.`, cause: error });
  }
}

/** Gives an order to a migration under way. Throws `run_unknown`, `not_now`. */
export async function orderMigration(client: Client, migration: string, order: MigrationOrder, given: Order): Promise<Receipt> {
  return await asking(migration, () => handleOf(client, migration).executeUpdate(UPDATES[order], { args: [given] }));
}

/** Where a migration stands; the newest run of it, also when it has ended. Throws `run_unknown`. */
export async function migrationProgress(client: Client, migration: string): Promise<MigrationProgress> {
  return await asking(migration, () => handleOf(client, migration).query(progressQuery));
}

/** Waits for the end. What ended it otherwise is thrown as it was: the code, detail and hint of the failure. */
export async function migrationResult(client: Client, migration: string): Promise<MigrateDatabaseResult> {
  return await asking(migration, () => handleOf(client, migration).result());
}

const handleOf = (client: Client, migration: string): WorkflowHandle<typeof migrateDatabase> => client.workflow.getHandle<typeof migrateDatabase>(migrationWorkflowId(migration));

async function asking<T>(migration: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new OperationError('run_unknown', `migration "${migration}" is not under way`, { cause: error });
    throw fromFailure(error) ?? error;
  }
}

/** The failure behind an error of the client, as ours. */
export function fromFailure(error: unknown): OperationError | undefined {
  const failure = error instanceof WorkflowUpdateFailedError || hasCause(error) ? error.cause : error;
  if (!(failure instanceof ApplicationFailure) || !isErrorCode(failure.type)) return undefined;
  const [report] = (failure.details ?? []) as ErrorReport[];
  return new OperationError(failure.type, failure.message, { detail: report?.detail, hint: report?.hint, context: report?.context, cause: error });
}

const hasCause = (error: unknown): error is Error & { cause: unknown } => error instanceof Error && error.cause !== undefined;
