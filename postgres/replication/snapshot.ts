import { OperationError } from '../../domain/errors.ts';
import { parseLsn, type Lsn } from '../../domain/lsn.ts';
import { connect, type Session } from '../connection.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';

export interface HeldSnapshot {
  /** For SET TRANSACTION SNAPSHOT in other sessions, as long as `session` lives and does nothing else. */
  readonly name: string;
  /** Where the slot begins: every transaction before it is in the snapshot, every one after it comes through the slot. */
  readonly lsn: Lsn;
  readonly session: Session;
}

/**
 * Creates the logical slot and keeps its snapshot exported by the open session: the one gap-free seam between copy and
 * changes. Waits for every transaction that was running; the wait is bounded by `signal` and can be watched with
 * {@link readSlotBlockers}. https://www.postgresql.org/docs/current/protocol-replication.html
 */
export async function createSlotWithSnapshot(server: ServerAddress, database: string, order: { slot: string; purpose: string; signal?: AbortSignal }): Promise<HeldSnapshot> {
  const session = await connect(server, { database, purpose: order.purpose, replication: true });
  const cut = (): void => session.destroy();
  order.signal?.addEventListener('abort', cut, { once: true });
  try {
    const row = await session.row<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${quoteIdent(order.slot)} LOGICAL pgoutput EXPORT_SNAPSHOT`,
    );
    return { name: row.snapshot_name, lsn: parseLsn(row.consistent_point), session };
  } catch (error) {
    await session.close();
    order.signal?.throwIfAborted();
    throw error;
  } finally {
    order.signal?.removeEventListener('abort', cut);
  }
}

/** Exports the snapshot of a plain read-only transaction: for a copy that no changes follow. */
export async function exportSnapshot(server: ServerAddress, database: string, purpose: string): Promise<HeldSnapshot> {
  const session = await connect(server, { database, purpose });
  await session.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const row = await session.row<{ name: string; lsn: string }>(
    `SELECT pg_catalog.pg_export_snapshot() AS name,
            CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END AS lsn`,
  );
  return { name: row.name, lsn: parseLsn(row.lsn), session };
}

/** Begins a read-only transaction that sees what the snapshot's holder sees. Throws `snapshot_lost` when its holder is gone. */
export async function beginOnSnapshot(session: Session, snapshot: string): Promise<void> {
  await session.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    await session.execute(`SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot)}`);
  } catch (error) {
    await session.execute('ROLLBACK');
    const state = sqlstateOf(error);
    if (state === SQLSTATE.invalidParameterValue || state === SQLSTATE.undefinedObject || state === SQLSTATE.objectNotInPrerequisiteState) {
      throw new OperationError('snapshot_lost', `snapshot ${snapshot} of ${session.place()} is gone`, { cause: error });
    }
    throw error;
  }
}

export interface SlotBlocker {
  readonly pid: number;
  readonly user: string;
  readonly database: string;
  /** Seconds since the transaction began. */
  readonly age: number;
  readonly state: string;
  /** Of a prepared transaction, its identifier. */
  readonly prepared: string | null;
}

/** What the creation of a slot waits for: transactions with an id of their own, oldest first (F39). */
export async function readSlotBlockers(session: Session): Promise<SlotBlocker[]> {
  return await session.rows<SlotBlocker>(`
    SELECT pid, coalesce(usename, '') AS user, coalesce(datname, '') AS database,
           round(extract(epoch FROM clock_timestamp() - xact_start))::int AS age, coalesce(state, '') AS state, NULL AS prepared
      FROM pg_catalog.pg_stat_activity
     WHERE backend_xid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid()
    UNION ALL
    SELECT 0, owner, database, round(extract(epoch FROM clock_timestamp() - prepared))::int, 'prepared', gid
      FROM pg_catalog.pg_prepared_xacts
     ORDER BY age DESC NULLS LAST
     LIMIT 10`);
}

/** Begins a read-only transaction in each session, all on the same snapshot: what the first of them sees now. */
export async function shareSnapshot(sessions: readonly Session[]): Promise<void> {
  const [holder, ...others] = sessions;
  if (holder === undefined) return;
  await holder.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const { name } = await holder.row<{ name: string }>('SELECT pg_catalog.pg_export_snapshot() AS name');
  await Promise.all(others.map((session) => beginOnSnapshot(session, name)));
}
