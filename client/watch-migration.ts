import { setTimeout as sleep } from 'node:timers/promises';

import { type Client, QueryNotRegisteredError } from '@temporalio/client';

import { OperationError } from '../domain/errors.ts';
import type { MigrationProgress, MigrationState } from '../domain/migration/progress.ts';
import { migrationWorkflowId } from '../workflows/messages.ts';
import { migrationProgress, migrationResult, type MigrateDatabaseResult } from './migrations.ts';
import { asAnswerable, passingTrouble } from './passing-trouble.ts';

export interface MigrationWatch {
  readonly migration: string;
  readonly onProgress: (progress: MigrationProgress) => void;
  /** Temporal or the workers are away, and it is waited for them; undefined: they are back. */
  readonly onTrouble: (trouble: string | undefined) => void;
  /** How long to wait for them. */
  readonly patienceMs: number;
}

/** How the watching ended: the migration has, or it waits for an operator. */
export type WatchEnd = { readonly end: 'completed'; readonly progress: MigrationProgress; readonly result: MigrateDatabaseResult } | { readonly end: 'waiting'; readonly progress: MigrationProgress };

const ASK_EVERY_MS = 500;
/** An order that has just been given is not always taken yet when the next question comes. */
const SETTLED_MS = 2_000;
const WAITING: readonly MigrationState[] = ['waiting-for-approval', 'waiting-for-commit', 'parked', 'paused'];

/**
 * Follows a migration until it has completed or waits for an operator. Restarts of Temporal and of workers are waited for.
 * Throws what ended the migration otherwise, `run_unknown`, and `temporal_unreachable` when the patience is at its end.
 */
export async function watchMigration(client: Client, watch: MigrationWatch): Promise<WatchEnd> {
  let progress: MigrationProgress | undefined;
  let waitingSince: number | undefined;
  for (;;) {
    const { closed, answer } = await lookPatiently(client, watch, progress !== undefined);
    progress = answer ?? progress;
    if (answer !== undefined) watch.onProgress(answer);
    if (closed) {
      const result = await migrationResult(client, watch.migration);
      if (progress === undefined) throw new OperationError('bug', `migration "${watch.migration}" has completed and cannot be asked`);
      return { end: 'completed', progress, result };
    }
    waitingSince = answer !== undefined && WAITING.includes(answer.state) ? (waitingSince ?? Date.now()) : undefined;
    if (waitingSince !== undefined && Date.now() - waitingSince >= SETTLED_MS) return { end: 'waiting', progress: answer! };
    await sleep(ASK_EVERY_MS);
  }
}

interface Look {
  readonly closed: boolean;
  /** Absent when the run cannot be asked yet, or ended before it could be. */
  readonly answer?: MigrationProgress;
}

/** One look that waits for Temporal and the workers. `seen`: the run is known to exist, so that a server that does not know it is one that still starts. */
async function lookPatiently(client: Client, { migration, onTrouble, patienceMs }: MigrationWatch, seen: boolean): Promise<Look> {
  const giveUpAt = Date.now() + patienceMs;
  let troubled = false;
  for (;;) {
    try {
      const look = await lookOnce(client, migration);
      if (troubled) onTrouble(undefined);
      return look;
    } catch (error) {
      const starting = seen && error instanceof OperationError && error.code === 'run_unknown';
      const trouble = starting ? 'The Temporal server starts.' : passingTrouble(error);
      if (trouble === undefined || Date.now() > giveUpAt) throw asAnswerable(error, `migration "${migration}"`);
      if (!troubled) onTrouble(trouble);
      troubled = true;
      await sleep(ASK_EVERY_MS);
    }
  }
}

/** Whether the run is closed, asked first: what is answered after that is its last word. */
async function lookOnce(client: Client, migration: string): Promise<Look> {
  const status = await client.workflow.getHandle(migrationWorkflowId(migration)).describe().then((description) => description.status.name, notFound(migration));
  try {
    return { closed: status !== 'RUNNING', answer: await migrationProgress(client, migration) };
  } catch (error) {
    if (error instanceof QueryNotRegisteredError) return { closed: status !== 'RUNNING' };
    throw error;
  }
}

const notFound = (migration: string) => (error: unknown): never => {
  if (error instanceof Error && error.name === 'WorkflowNotFoundError') throw new OperationError('run_unknown', `migration "${migration}" is not under way`, { cause: error });
  throw error;
};
