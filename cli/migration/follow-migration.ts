import type { Command } from 'commander';

import type { OpenClient } from '../../client/connect-client.ts';
import { watchMigration, type WatchEnd } from '../../client/watch-migration.ts';
import { OperationError } from '../../domain/errors.ts';
import { whenInterrupted } from '../interruption.ts';
import { printResult } from '../output.ts';
import { openView } from './live-view.ts';
import { statusText } from './progress-text.ts';

/** How long a watching command waits for Temporal or a worker to come back. */
const PATIENCE_MS = 10 * 60_000;

/** Shows a migration until it has completed or waits for somebody, and prints how it stands then. Throws what ended or stopped it. */
export async function followMigration({ client }: OpenClient, migration: string, command: Command): Promise<void> {
  const end = await watchLive(client, migration);
  if (end.progress.state === 'parked') throw parked(end);
  printResult(command, end, () => statusText(end.progress));
}

async function watchLive(client: OpenClient['client'], migration: string): Promise<WatchEnd> {
  using view = openView();
  using _ = whenInterrupted(() => {
    view[Symbol.dispose]();
    return new OperationError('interrupted', `stopped watching migration "${migration}"`, {
      detail: 'The migration goes on.',
      hint: `\`pgconvoy migrate status ${migration} --watch\` shows it again; \`pgconvoy migrate abort ${migration}\` ends it.`,
    });
  });
  return await watchMigration(client, {
    migration,
    patienceMs: PATIENCE_MS,
    onProgress: (progress) => view.show(progress),
    onTrouble: (trouble) => view.note(trouble === undefined ? '  … goes on' : `  ${trouble} Waiting for it, at most ${PATIENCE_MS / 60_000} minutes; the migration is not lost.`),
  });
}

/** What a parked run waits for is an error to whoever waits for its end: with the reason, and with the way on. */
function parked({ progress: { migration, problem, next } }: WatchEnd): OperationError {
  const hint = [problem?.hint, next].filter((text) => text !== undefined).join('\n');
  return new OperationError(problem?.code ?? 'bug', `migration "${migration}" is parked: ${problem?.message ?? 'no reason is known'}`, { detail: problem?.detail, hint });
}
