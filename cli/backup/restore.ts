import type { Command } from 'commander';

import { type RestoreBackupInput, type RestoreBackupResult, startRestore } from '../../client/backups.ts';
import { connectClient } from '../../client/connect-client.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { resolveServer } from '../../config/resolve-server.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { exitCodeOf } from '../../domain/errors.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { secondsText } from '../migration/progress-text.ts';
import { globalOptions, printResult } from '../output.ts';
import { follow, warnWithoutWorkers } from './follow.ts';
import { planRestore, planText } from './restore-plan.ts';
import { wantedBackup } from './wanted-backup.ts';

export interface RestoreOptions {
  readonly newest?: string;
  readonly of?: string;
  readonly server: string;
  readonly database: string;
  readonly schemas?: readonly string[];
  readonly tables?: readonly string[];
  readonly owner: boolean;
  readonly privileges: boolean;
  readonly createRoles?: boolean;
  readonly dryRun?: boolean;
  readonly wait: boolean;
  readonly by: string;
}

/** Restores a backup and shows that; with `--dry-run` says what would be restored and what stands in the way. */
export async function restore(backup: string | undefined, options: RestoreOptions, command: Command): Promise<void> {
  const { server, database, schemas, tables } = options;
  const path = findInventory(globalOptions(command).inventory);
  const target = resolveServer(loadInventory(path), server, baseDirOf(path));
  const wanted = await wantedBackup({ backup, newest: options.newest, of: options.of }, { provenOnly: true }, command);
  if (options.dryRun === true) {
    const plan = await planRestore({ backup: wanted, target, database, schemas, tables }, command);
    printResult(command, plan, () => planText(plan));
    if (plan.problems.length > 0) process.exitCode = exitCodeOf('preflight_failed');
    return;
  }
  const { backupId } = wanted;
  await using open = await connectClient(temporalConnection());
  const started = await startRestore(open.client, orderOf(backupId, options));
  await warnWithoutWorkers(open);
  if (!options.wait) {
    printResult(command, { ...started, backupId }, () => `Started the restore of ${backupId} into database "${database}" on server "${server}": workflow ${started.workflowId}.`);
    return;
  }
  const result = await follow<RestoreBackupResult>(open, { started, subject: `the restore into database "${database}"`, hasProgress: false });
  printResult(command, result, () => resultText(result));
}

const orderOf = (backup: string, { server, database, schemas, tables, owner, privileges, createRoles, by }: RestoreOptions): RestoreBackupInput => ({
  backup,
  server,
  database,
  owners: owner,
  privileges,
  missingRoles: createRoles === true ? 'create' : 'refuse',
  requestedBy: by,
  ...(schemas === undefined ? {} : { schemas: [...schemas] }),
  ...(tables === undefined ? {} : { tables: [...tables] }),
});

const resultText = ({ backupId, server, database, tables, rows, bytes, seconds, passwordNeeded, leftOut, subscriptions, jobs }: RestoreBackupResult): string =>
  [
    `Backup ${backupId} is restored into database "${database}" on server "${server}": ${tables} tables, ${rows.toLocaleString('en')} rows, ${bytesText(bytes)}, in ${secondsText(seconds)}.`,
    ...(passwordNeeded.length === 0 ? [] : [`Roles that were made and need a password: ${passwordNeeded.join(', ')}.`]),
    ...(subscriptions.length === 0 ? [] : [`Subscriptions that are disabled: ${subscriptions.join(', ')}.`]),
    ...(jobs.length === 0 ? [] : [`Jobs that are switched off: ${jobs.join(', ')}.`]),
    ...leftOut.map((what) => `Left out: ${what}.`),
  ].join('\n');
