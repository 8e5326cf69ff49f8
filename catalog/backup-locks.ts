import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

/** `alone` keeps everybody else out; `together` keeps out only those who want it alone. */
export type LockMode = 'alone' | 'together';

export interface NewLock {
  /** Of {@link policyLock} or {@link backupLock}. */
  readonly object: string;
  readonly mode: LockMode;
  readonly runId: string;
  readonly workflowId: string;
  /** For people: `backup`, `restore`. */
  readonly purpose: string;
}

export interface BackupLock extends NewLock {
  /** ISO 8601, UTC, by the catalog's clock. */
  readonly takenAt: string;
}

const BACKUP = 'backup ';
export const policyLock = (policy: string): string => `policy ${policy}`;
export const backupLock = (backupId: string): string => `${BACKUP}${backupId}`;

const COLUMNS = `object, mode, run_id AS "runId", workflow_id AS "workflowId", purpose, ${isoText('taken_at')} AS "takenAt"`;

/**
 * Takes a lock that lasts until {@link dropLocks}, across workers and restarts; gives the one that stands in the way, if any.
 * For a run that has it already nothing changes.
 */
export function takeLock(catalog: Catalog, lock: NewLock): Promise<BackupLock | undefined> {
  const inTheWay = `
    SELECT ${COLUMNS}
    FROM pgconvoy.backup_lock
    WHERE object = $1 AND run_id <> $2 AND 'alone' IN (mode, $3)
    ORDER BY backup_lock.taken_at
    LIMIT 1`;
  const insert = `
    INSERT INTO pgconvoy.backup_lock (object, mode, run_id, workflow_id, purpose)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (object, run_id) DO NOTHING`;
  const { object, mode, runId, workflowId, purpose } = lock;
  return catalog.sessions.transaction(async (session) => {
    // One taker at a time, or two would both see nobody.
    await session.execute('LOCK TABLE pgconvoy.backup_lock IN SHARE ROW EXCLUSIVE MODE');
    // Whoever wants to remove a backup locks its row before it looks here.
    if (object.startsWith(BACKUP)) await session.rows(`SELECT FROM pgconvoy.backup WHERE backup_id = $1 FOR SHARE`, [object.slice(BACKUP.length)]);
    const holder = await session.maybeRow<BackupLock>(inTheWay, [object, runId, mode]);
    if (holder === undefined) await session.execute(insert, [object, mode, runId, workflowId, purpose]);
    return holder;
  });
}

/** Drops every lock of a run. */
export async function dropLocks(catalog: Catalog, runId: string): Promise<void> {
  await catalog.sessions.use((session) => session.execute('DELETE FROM pgconvoy.backup_lock WHERE run_id = $1', [runId]));
}

/** All that are held, oldest first. */
export const listLocks = (catalog: Catalog): Promise<BackupLock[]> => catalog.sessions.use((session) => session.rows<BackupLock>(`SELECT ${COLUMNS} FROM pgconvoy.backup_lock ORDER BY backup_lock.taken_at, object`));
