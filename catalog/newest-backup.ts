import { OperationError } from '../domain/errors.ts';
import { type BackupRow, listBackups } from './backups.ts';
import type { Catalog } from './open-catalog.ts';

export interface NewestWish {
  readonly policy: string;
  /** The one that was backed up; may be left out when the policy has one only. */
  readonly database: string | undefined;
  readonly provenOnly: boolean;
}

/** The newest backup of a policy that can be used. Throws `backup_unknown`, and `input_invalid` when it is not clear of which database. */
export async function newestBackup(catalog: Catalog, { policy, database, provenOnly }: NewestWish): Promise<BackupRow> {
  const backups = await listBackups(catalog, { policy, database, states: provenOnly ? ['proven'] : ['stored', 'proven'] });
  const databases = [...new Set(backups.map((backup) => backup.database))];
  if (databases.length > 1) {
    throw new OperationError('input_invalid', `policy "${policy}" has backups of ${databases.length} databases`, { hint: `Say of which, with \`--of\`: ${databases.toSorted().join(', ')}.` });
  }
  const newest = backups.toSorted((left, right) => momentOf(right).localeCompare(momentOf(left)))[0];
  if (newest !== undefined) return newest;
  throw new OperationError('backup_unknown', `policy "${policy}" has no ${provenOnly ? 'proven ' : ''}backup${database === undefined ? '' : ` of database "${database}"`}`, {
    hint: provenOnly ? 'Run `pgconvoy backup list`; one that is not proven can be restored by its id.' : 'Run `pgconvoy backup list`.',
  });
}

/** By the clock of the server that was dumped; names and arrival in the store say nothing. */
const momentOf = ({ snapshotAt, createdAt }: BackupRow): string => snapshotAt ?? createdAt;
