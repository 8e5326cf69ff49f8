import type { Command } from 'commander';

import { type BackupRow, readBackup } from '../../catalog/backups.ts';
import { newestBackup } from '../../catalog/newest-backup.ts';
import { OperationError } from '../../domain/errors.ts';
import { withCatalog } from '../open-catalog.ts';
import { wantedPolicy } from './wanted-policy.ts';

/** Which backup a command means. */
export interface WhichBackup {
  readonly backup: string | undefined;
  /** Instead of an id: the newest of this policy. */
  readonly newest?: string | undefined;
  /** With `newest`: the database that was backed up. */
  readonly of?: string | undefined;
}

/** The backup as it was named, or the newest of a policy. Throws `usage`, `backup_unknown`, `name_unknown`. */
export async function wantedBackup({ backup, newest, of }: WhichBackup, { provenOnly }: { provenOnly: boolean }, command: Command): Promise<BackupRow> {
  if ((backup === undefined) === (newest === undefined)) throw new OperationError('usage', 'either the id of a backup or --newest <policy> is needed', { hint: 'Run `pgconvoy backup list`.' });
  if (newest === undefined) return await withCatalog(command, async (catalog) => await readBackup(catalog, backup!));
  wantedPolicy(newest, command);
  return await withCatalog(command, async (catalog) => await newestBackup(catalog, { policy: newest, database: of, provenOnly }));
}
