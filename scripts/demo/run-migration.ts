import { setTimeout as sleep } from 'node:timers/promises';

import { connectClient } from '../../client/connect-client.ts';
import { migrationProgress, migrationResult, type MigrateDatabaseResult, startMigration } from '../../client/migrations.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { OperationError } from '../../domain/errors.ts';
import type { MigrationProgress } from '../../domain/migration/progress.ts';

export interface MigrationRun {
  readonly migration: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MigrationProgress) => void;
  /** How often to ask; each question costs the worker some work. */
  readonly askEveryMs?: number;
}

export interface MigrationOutcome {
  readonly progress: MigrationProgress;
  readonly result: MigrateDatabaseResult;
}

const ASK_EVERY_MS = 300;

/** Starts the migration through the ordinary client, approved beforehand, and tells how it goes until it has ended. */
export async function runMigration({ migration, signal, onProgress, askEveryMs = ASK_EVERY_MS }: MigrationRun): Promise<MigrationOutcome> {
  await using open = await connectClient(temporalConnection());
  await startMigration(open.client, { migration, requestedBy: 'the demo', approval: 'none', commit: 'automatic' });
  const waiting = new AbortController();
  const ended = open.client.withAbortSignal(waiting.signal, async () => await migrationResult(open.client, migration)).then(
    () => undefined,
    () => undefined,
  );
  try {
    for (;;) {
      const progress = await migrationProgress(open.client, migration);
      onProgress(progress);
      if (progress.state === 'parked') throw parked(progress);
      if (['completed', 'failed', 'aborted'].includes(progress.state)) return { progress, result: await migrationResult(open.client, migration) };
      await Promise.race([ended, sleep(askEveryMs, undefined, { signal })]);
    }
  } finally {
    // A call that is under way when its connection closes is tried again by a timer, and throws where nobody catches it.
    waiting.abort();
    await ended;
  }
}

const parked = ({ problem, migration }: MigrationProgress): OperationError =>
  new OperationError(problem?.code ?? 'bug', problem?.message ?? `migration ${migration} is parked`, { detail: problem?.detail, hint: problem?.hint });
