import type { Command } from 'commander';

import { listRuns, type Run } from '../../catalog/runs.ts';
import { connectClient, type OpenClient } from '../../client/connect-client.ts';
import { migrationProgress } from '../../client/migrations.ts';
import { asAnswerable } from '../../client/passing-trouble.ts';
import { runsUnderWay } from '../../client/runs-under-way.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { OperationError } from '../../domain/errors.ts';
import type { MigrationProgress } from '../../domain/migration/progress.ts';
import { withCatalog } from '../open-catalog.ts';
import { printResult, textTable } from '../output.ts';
import { errorLines } from '../print-error.ts';
import { followMigration } from './follow-migration.ts';
import { copyText, statusText } from './progress-text.ts';
import { checkMigrationName } from './wanted-migration.ts';

/** Where one migration stands, or all that are under way. */
export async function status(migration: string | undefined, options: { watch?: boolean }, command: Command): Promise<void> {
  if (migration === undefined) {
    if (options.watch === true) throw new OperationError('usage', 'one migration has to be named to be watched');
    await statusOfAll(command);
    return;
  }
  checkMigrationName(migration, command);
  await using open = await connectClient(temporalConnection());
  if (options.watch === true) {
    await followMigration(open, migration, command);
    return;
  }
  const progress = await ask(open, migration);
  printResult(command, progress, () => [statusText(progress), ...(progress.problem === undefined ? [] : [errorLines(progress.problem)])].join('\n\n'));
}

async function statusOfAll(command: Command): Promise<void> {
  await using open = await connectClient(temporalConnection());
  const names = (await runsUnderWay(open.client)).filter(({ type }) => type === 'migrateDatabase').map(({ workflowId }) => workflowId.replace(/^migrate\//, ''));
  const migrations = await Promise.all(names.map(async (name) => await ask(open, name)));
  const rows = migrations.map((progress) => [progress.migration, progress.runId, progress.state.replaceAll('-', ' '), currentPhase(progress), copyText(progress) ?? '']);
  printResult(command, { migrations }, () => (rows.length === 0 ? 'No migration is under way.' : textTable(['migration', 'run', 'state', 'phase', 'copy'], rows)));
}

const currentPhase = ({ phases }: MigrationProgress): string => phases.find(({ state }) => state === 'running')?.phase ?? '';

async function ask({ client }: OpenClient, migration: string): Promise<MigrationProgress> {
  return await migrationProgress(client, migration).catch((error: unknown) => {
    throw asAnswerable(error, `migration "${migration}"`);
  });
}

/** All migrations there were, from the catalog: Temporal forgets, it does not. */
export async function list(options: { limit: number }, command: Command): Promise<void> {
  const runs = await withCatalog(command, async (catalog) => await listRuns(catalog, { kind: 'migration', limit: options.limit }));
  printResult(command, { runs }, () => (runs.length === 0 ? 'No migration was ever started.' : textTable(['run', 'migration', 'state', 'gate', 'started', 'ended', 'by'], runs.map(listRow))));
}

const listRow = ({ runId, subject, state, gate, startedAt, endedAt, actor }: Run): string[] => [runId, subject, state, gate ?? '', timeText(startedAt), timeText(endedAt), actor];

const timeText = (iso: string | null): string => iso?.replace(/\.\d+Z$/, 'Z') ?? '';
