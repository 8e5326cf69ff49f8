import type { BackupState } from '../domain/backup/states.ts';
import { statesBefore } from '../domain/backup/states.ts';
import { OperationError, type ErrorReport } from '../domain/errors.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

export interface NewBackup {
  readonly backupId: string;
  readonly runId: string;
  /** Inventory names; null when it was asked for without a policy. */
  readonly policy: string | null;
  readonly server: string;
  readonly systemId: string | null;
  readonly database: string;
  readonly store: string;
  /** The folder in the store, with `/` at its end. */
  readonly prefix: string;
  /** Null: not encrypted. */
  readonly wrappedKey: string | null;
  readonly keyId: string | null;
}

export interface BackupHold {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Times are ISO 8601 in UTC, all but `snapshotAt` by the catalog's clock. */
export interface BackupRow extends NewBackup {
  readonly state: BackupState;
  readonly createdAt: string;
  /** By the clock of the server that was dumped. */
  readonly snapshotAt: string | null;
  readonly snapshotLsn: string | null;
  readonly storedAt: string | null;
  readonly provenAt: string | null;
  readonly storedBytes: number | null;
  readonly rawBytes: number | null;
  readonly rows: number | null;
  readonly manifestSha256: string | null;
  readonly dumpSeconds: number | null;
  readonly restoreSeconds: number | null;
  readonly hold: BackupHold | null;
  readonly error: ErrorReport | null;
}

const COLUMNS = `backup_id AS "backupId", run_id AS "runId", policy, server, system_id AS "systemId", database, store, prefix, state,
  wrapped_key AS "wrappedKey", key_id AS "keyId", ${isoText('created_at')} AS "createdAt", ${isoText('snapshot_at')} AS "snapshotAt",
  snapshot_lsn::text AS "snapshotLsn", ${isoText('stored_at')} AS "storedAt", ${isoText('proven_at')} AS "provenAt", stored_bytes AS "storedBytes",
  raw_bytes AS "rawBytes", rows, manifest_sha256 AS "manifestSha256", dump_seconds AS "dumpSeconds", restore_seconds AS "restoreSeconds", hold, error`;

/** Writes down that a backup has begun. For the same run and database again it gives the backup there is, so that a repeated step goes on with it. */
export async function recordBackup(catalog: Catalog, backup: NewBackup): Promise<BackupRow> {
  const insert = `
    INSERT INTO pgconvoy.backup (backup_id, run_id, policy, server, system_id, database, store, prefix, wrapped_key, key_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (run_id, server, database) DO NOTHING`;
  const { backupId, runId, policy, server, systemId, database, store, prefix, wrappedKey, keyId } = backup;
  return await catalog.sessions.use(async (session) => {
    await session.execute(insert, [backupId, runId, policy, server, systemId, database, store, prefix, wrappedKey, keyId]);
    return await session.row<BackupRow>(`SELECT ${COLUMNS} FROM pgconvoy.backup WHERE run_id = $1 AND server = $2 AND database = $3`, [runId, server, database]);
  });
}

/** What may change. `storedAt` and `provenAt` follow the state by themselves, by the catalog's clock. */
export type BackupPatch = Partial<Pick<BackupRow, 'state' | 'systemId' | 'snapshotAt' | 'snapshotLsn' | 'storedBytes' | 'rawBytes' | 'rows' | 'manifestSha256' | 'dumpSeconds' | 'restoreSeconds' | 'hold' | 'error'>>;

const COLUMN_OF: Readonly<Record<keyof BackupPatch, string>> = {
  state: 'state',
  systemId: 'system_id',
  snapshotAt: 'snapshot_at',
  snapshotLsn: 'snapshot_lsn',
  storedBytes: 'stored_bytes',
  rawBytes: 'raw_bytes',
  rows: 'rows',
  manifestSha256: 'manifest_sha256',
  dumpSeconds: 'dump_seconds',
  restoreSeconds: 'restore_seconds',
  hold: 'hold',
  error: 'error',
};

/** Changes what is given. Throws `backup_unknown`, and `not_now` when its state does not lead to the one that is asked for. */
export async function changeBackup(catalog: Catalog, backupId: string, patch: BackupPatch): Promise<void> {
  const fields = (Object.keys(patch) as (keyof BackupPatch)[]).filter((field) => patch[field] !== undefined);
  if (fields.length === 0) return;
  const values = fields.map((field) => (field === 'hold' || field === 'error' ? jsonbOf(patch[field]) : patch[field]));
  const changes = [...fields.map((field, index) => `${COLUMN_OF[field]} = $${index + 3}`), ...timeOf(patch.state)];
  const before = patch.state === undefined ? null : statesBefore(patch.state);
  const sql = `UPDATE pgconvoy.backup SET ${changes.join(', ')} WHERE backup_id = $1 AND ($2::text[] IS NULL OR state = ANY ($2::text[]))`;
  const touched = await catalog.sessions.use((session) => session.execute(sql, [backupId, before, ...values]));
  if (touched === 0) throw wrongState(await readBackup(catalog, backupId), patch.state!);
}

function timeOf(state: BackupState | undefined): string[] {
  if (state !== 'stored' && state !== 'proven') return [];
  return [`${state}_at = coalesce(${state}_at, clock_timestamp())`];
}

/** One backup. Throws `backup_unknown`. */
export async function readBackup(catalog: Catalog, backupId: string): Promise<BackupRow> {
  const row = await catalog.sessions.use((session) => session.maybeRow<BackupRow>(`SELECT ${COLUMNS} FROM pgconvoy.backup WHERE backup_id = $1`, [backupId]));
  if (row === undefined) throw new OperationError('backup_unknown', `backup "${backupId}" is not in the catalog`);
  return row;
}

export interface BackupFilter {
  readonly policy?: string | undefined;
  readonly server?: string | undefined;
  readonly database?: string | undefined;
  readonly runId?: string | undefined;
  readonly store?: string | undefined;
  /** All but `deleted`, when absent. */
  readonly states?: readonly BackupState[] | undefined;
  readonly limit?: number | undefined;
}

/** Newest first. */
export function listBackups(catalog: Catalog, filter: BackupFilter = {}): Promise<BackupRow[]> {
  const sql = `
    SELECT ${COLUMNS}
    FROM pgconvoy.backup
    WHERE ($1::text IS NULL OR policy = $1) AND ($2::text IS NULL OR server = $2) AND ($3::text IS NULL OR database = $3)
      AND ($4::text IS NULL OR run_id = $4) AND ($5::text IS NULL OR store = $5)
      AND CASE WHEN $6::text[] IS NULL THEN state <> 'deleted' ELSE state = ANY ($6::text[]) END
    ORDER BY created_at DESC, backup_id DESC
    LIMIT $7`;
  const { policy, server, database, runId, store, states, limit } = filter;
  return catalog.sessions.use((session) => session.rows<BackupRow>(sql, [policy, server, database, runId, store, states, limit]));
}

const jsonbOf = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const wrongState = (backup: BackupRow, state: BackupState): OperationError =>
  new OperationError('not_now', `backup "${backup.backupId}" is ${backup.state}, which does not become ${state}`, { context: { backupId: backup.backupId, state: backup.state } });
