import type { RetentionRule } from '../domain/backup/retention.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { backupLock } from './backup-locks.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

export interface DeletionOrder {
  readonly backupId: string;
  readonly rule: RetentionRule;
  readonly reason: string;
}

export interface BackupDeletion {
  readonly backupId: string;
  readonly store: string;
  readonly prefix: string;
  readonly rule: RetentionRule;
  readonly reason: string;
  readonly runId: string;
  readonly requestedBy: string;
  /** ISO 8601, UTC, by the catalog's clock. */
  readonly requestedAt: string;
  readonly attempts: number;
  /** Of the last attempt. */
  readonly error: ErrorReport | null;
}

/** From these a backup may begin to go. One that is held, is read by somebody, or was taken meanwhile is passed over. */
const MAY_GO = ['stored', 'proven', 'rejected', 'failed'];

/**
 * Makes backups `expiring` and writes what is to be deleted, in one transaction: no backup is half decided. Gives the ids
 * that go; the others are held, or read by a restore.
 */
export function beginDeletions(catalog: Catalog, order: { readonly runId: string; readonly requestedBy: string; readonly deletions: readonly DeletionOrder[] }): Promise<string[]> {
  // Who wants to read a backup takes its lock under a share of its row: see backup-locks.ts.
  const look = 'SELECT FROM pgconvoy.backup WHERE backup_id = $1 FOR UPDATE';
  const take = `
    UPDATE pgconvoy.backup
    SET state = 'expiring'
    WHERE backup_id = $1 AND hold IS NULL AND state = ANY ($2::text[])
      AND NOT EXISTS (SELECT FROM pgconvoy.backup_lock WHERE object = $3)`;
  const write = `
    INSERT INTO pgconvoy.backup_deletion (backup_id, rule, reason, run_id, requested_by)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (backup_id) DO NOTHING`;
  return catalog.sessions.transaction(async (session) => {
    const taken: string[] = [];
    for (const { backupId, rule, reason } of order.deletions) {
      await session.rows(look, [backupId]);
      if ((await session.execute(take, [backupId, MAY_GO, backupLock(backupId)])) === 0) continue;
      await session.execute(write, [backupId, rule, reason, order.runId, order.requestedBy]);
      taken.push(backupId);
    }
    return taken;
  });
}

const OPEN = `
  SELECT d.backup_id AS "backupId", b.store, b.prefix, d.rule, d.reason, d.run_id AS "runId", d.requested_by AS "requestedBy",
    ${isoText('d.requested_at')} AS "requestedAt", d.attempts, d.error
  FROM pgconvoy.backup_deletion AS d
  JOIN pgconvoy.backup AS b USING (backup_id)
  WHERE d.done_at IS NULL`;

/** What is still to be deleted, of a policy or of all, oldest order first: also what earlier runs could not. */
export const openDeletions = (catalog: Catalog, policy?: string): Promise<BackupDeletion[]> =>
  catalog.sessions.use((session) => session.rows<BackupDeletion>(`${OPEN} AND ($1::text IS NULL OR b.policy = $1) ORDER BY d.requested_at, d.backup_id`, [policy]));

export const openDeletion = (catalog: Catalog, backupId: string): Promise<BackupDeletion | undefined> =>
  catalog.sessions.use((session) => session.maybeRow<BackupDeletion>(`${OPEN} AND d.backup_id = $1`, [backupId]));

/** Nothing of it is left in the store. Again changes nothing. */
export function completeDeletion(catalog: Catalog, done: { readonly backupId: string; readonly objects: number; readonly bytes: number }): Promise<void> {
  const close = `
    UPDATE pgconvoy.backup_deletion
    SET done_at = clock_timestamp(), objects = $2, bytes = $3, attempts = attempts + 1, error = NULL
    WHERE backup_id = $1 AND done_at IS NULL`;
  return catalog.sessions.transaction(async (session) => {
    if ((await session.execute(close, [done.backupId, done.objects, done.bytes])) === 0) return;
    await session.execute(`UPDATE pgconvoy.backup SET state = 'deleted' WHERE backup_id = $1 AND state = 'expiring'`, [done.backupId]);
  });
}

/** It stays to be deleted; why it was not is kept. */
export async function failDeletion(catalog: Catalog, backupId: string, error: ErrorReport): Promise<void> {
  const sql = `UPDATE pgconvoy.backup_deletion SET attempts = attempts + 1, error = $2 WHERE backup_id = $1 AND done_at IS NULL`;
  await catalog.sessions.use((session) => session.execute(sql, [backupId, JSON.stringify(error)]));
}
