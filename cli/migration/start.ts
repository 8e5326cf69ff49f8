import type { Command } from 'commander';

import { connectClient, type OpenClient } from '../../client/connect-client.ts';
import { type MigrateDatabaseInput, startMigration } from '../../client/migrations.ts';
import { describeQueues } from '../../client/queues.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { exitCodeOf } from '../../domain/errors.ts';
import { checkMigration } from '../commands/check.ts';
import { globalOptions, printResult } from '../output.ts';
import { preflightText } from '../preflight-text.ts';
import { followMigration } from './follow-migration.ts';
import { wantedMigration } from './wanted-migration.ts';

type Overrides = Pick<MigrateDatabaseInput, 'mode' | 'approval' | 'commit' | 'verify'>;

export interface StartOptions extends Overrides {
  readonly by: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
}

/** Starts a migration, and with `--wait` shows it. */
export async function start(migration: string, options: StartOptions, command: Command): Promise<void> {
  const overrides = overridesOf(options);
  const entry = wantedMigration(migration, command);
  if (options.dryRun === true) {
    await printDryRun(migration, { ...entry, targetDatabase: entry.targetDatabase ?? entry.database, ...overrides }, overrides, command);
    return;
  }
  await using open = await connectClient(temporalConnection());
  const started = await startMigration(open.client, { migration, requestedBy: options.by, ...overrides });
  await warnWithoutWorkers(open);
  if (options.wait === true) await followMigration(open, migration, command);
  else printResult(command, started, () => `Started migration "${migration}". \`pgconvoy migrate status ${migration} --watch\` shows it.`);
}

function overridesOf({ mode, approval, commit, verify }: StartOptions): Overrides {
  const given = Object.entries({ mode, approval, commit, verify }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Overrides;
}

/** What would be done, and what stands in its way. */
async function printDryRun(migration: string, plan: object, overrides: Overrides, command: Command): Promise<void> {
  const preflight = await checkMigration(migration, globalOptions(command).inventory, overrides);
  printResult(command, { migration, plan, preflight }, () => {
    const report = preflightText(preflight, { problemsOnly: false, width: process.stdout.columns ?? 100 });
    return `${planText(plan)}\n\n${report}\n\nNothing was started.`;
  });
  if (!preflight.canProceed) process.exitCode = exitCodeOf('preflight_failed');
}

const planText = (plan: object): string =>
  Object.entries(plan)
    .map(([name, value]) => `${name.padEnd(15)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');

/** A run that nobody works on waits, and would wait silently. */
async function warnWithoutWorkers({ client }: OpenClient): Promise<void> {
  const idle = (await describeQueues(client)).filter(({ pollers }) => pollers.length === 0).map(({ role }) => role);
  if (idle.length > 0) process.stderr.write(`NOTE:  no worker of role ${idle.join(' and ')} takes work yet; the migration waits for one. \`pgconvoy up\` or \`pgconvoy worker\` starts it.\n`);
}
