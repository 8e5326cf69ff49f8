import { OperationError } from '../domain/errors.ts';
import { type BackupHold, readBackup } from './backups.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

/** Keeps a backup from expiring. In one statement, so that none is held that has begun to go. Throws `backup_unknown`, `not_now`. */
export async function holdBackup(catalog: Catalog, backupId: string, { by, reason }: Omit<BackupHold, 'at'>): Promise<BackupHold> {
  const sql = `
    UPDATE pgconvoy.backup
    SET hold = jsonb_build_object('by', $2::text, 'reason', $3::text, 'at', ${isoText('clock_timestamp()')})
    WHERE backup_id = $1 AND state NOT IN ('failed', 'expiring', 'deleted')
    RETURNING hold`;
  const held = await catalog.sessions.use((session) => session.maybeRow<{ hold: BackupHold }>(sql, [backupId, by, reason]));
  if (held !== undefined) return held.hold;
  const { state } = await readBackup(catalog, backupId);
  throw new OperationError('not_now', `backup "${backupId}" is ${state} and cannot be held`, { context: { backupId, state } });
}

/** Lets its policy decide again; gives the hold there was. Throws `backup_unknown`. */
export async function releaseBackup(catalog: Catalog, backupId: string): Promise<BackupHold | null> {
  const { hold } = await readBackup(catalog, backupId);
  await catalog.sessions.use((session) => session.execute('UPDATE pgconvoy.backup SET hold = NULL WHERE backup_id = $1', [backupId]));
  return hold;
}
