import { type Lsn, parseLsn } from '../../domain/lsn.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../connection.ts';
import { utcText } from '../utc-text.ts';

/** The moment of a dump. Other sessions see it too, as long as `session` lives. */
export interface DumpSnapshot extends AsyncDisposable {
  readonly session: Session;
  readonly name: string;
  /** Everything before it is in the snapshot. On a standby, as far as it had replayed. */
  readonly lsn: Lsn;
  /** ISO 8601, UTC, of the server's clock. */
  readonly takenAt: string;
  readonly role: 'primary' | 'standby';
}

export interface SnapshotOrder {
  readonly server: ServerAddress;
  readonly database: string;
  readonly purpose: string;
  readonly lockTimeoutMs: number;
}

/** Takes and exports a snapshot. A standby exports them too, from version 10 on. */
export async function takeDumpSnapshot({ server, database, purpose, lockTimeoutMs }: SnapshotOrder): Promise<DumpSnapshot> {
  const session = await connect(server, { database, purpose, settings: { lock_timeout: String(lockTimeoutMs) } });
  try {
    // Not in the transaction: there the position would be read after the snapshot, and so promise too much.
    const { standby, lsn, takenAt } = await session.row<{ standby: boolean; lsn: string; takenAt: string }>(
      `SELECT pg_catalog.pg_is_in_recovery() AS standby, ${utcText('clock_timestamp()')} AS "takenAt",
              CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END AS lsn`,
    );
    await session.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { name } = await session.row<{ name: string }>('SELECT pg_catalog.pg_export_snapshot() AS name');
    return { session, name, lsn: parseLsn(lsn), takenAt, role: standby ? 'standby' : 'primary', [Symbol.asyncDispose]: () => session.close() };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** How many transactions the snapshot holds vacuum back by (B14). On a standby it holds nothing back unless feedback is on. */
export async function snapshotAge(session: Session): Promise<number> {
  const { age } = await session.row<{ age: number | null }>('SELECT pg_catalog.age(backend_xmin) AS age FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()');
  return age ?? 0;
}
