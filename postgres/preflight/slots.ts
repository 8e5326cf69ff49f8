import { OperationError } from '../../domain/errors.ts';
import { showBytes } from '../../domain/preflight/amounts.ts';
import { namesOf } from '../../domain/preflight/fact.ts';
import type { Blocker, SlotFacts } from '../../domain/preflight/source-facts.ts';
import type { Session } from '../connection.ts';

/** What of the pools for replication is in use, and slots that hold log for nobody. */
export async function readSlots(session: Session): Promise<SlotFacts> {
  const slots = await session.rows<{ name: string; active: boolean; held: number }>(`
    SELECT slot_name::text AS name, active,
           coalesce(pg_catalog.pg_wal_lsn_diff(${POSITION}, restart_lsn), 0)::bigint AS held
      FROM pg_catalog.pg_replication_slots ORDER BY slot_name`);
  const { walsenders } = await session.row<{ walsenders: number }>('SELECT count(*)::int AS walsenders FROM pg_catalog.pg_stat_replication');
  const idle = slots.filter((slot) => !slot.active).map(({ name, held }) => `${name} (${showBytes(held)} of log held)`);
  return { used: slots.length, walsenders, idle: namesOf(idle) };
}

/** Where the log is, on a primary and on a standby. */
const POSITION = 'CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END';

const OLD_SECONDS = 600;

/**
 * What a new slot would wait for: transactions with an id, older than `seconds`, the oldest first. Without
 * pg_read_all_stats the server hides those of others, so that is `privilege_missing` and not an empty list.
 */
export async function readOldTransactions(session: Session, seconds = OLD_SECONDS): Promise<Blocker[]> {
  const { may } = await session.row<{ may: boolean }>("SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS may");
  if (!may) throw new OperationError('privilege_missing', 'what other sessions do is hidden from our role', { hint: 'GRANT pg_read_all_stats to our role.' });
  return await session.rows<Blocker>(
    `SELECT pid, coalesce(usename, '')::text AS user, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS "ageSeconds", left(query, 60) AS query
       FROM pg_catalog.pg_stat_activity
      WHERE backend_xid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid() AND xact_start < clock_timestamp() - make_interval(secs => $1)
      ORDER BY xact_start LIMIT 10`,
    [seconds],
  );
}

/** Prepared transactions of all databases: a slot waits for each, and no session has to be there to hold one. */
export async function readPreparedTransactions(session: Session): Promise<Blocker[]> {
  return await session.rows<Blocker>(`
    SELECT 0 AS pid, owner::text AS user, extract(epoch FROM clock_timestamp() - prepared)::float8 AS "ageSeconds", gid AS query
      FROM pg_catalog.pg_prepared_xacts ORDER BY prepared LIMIT 10`);
}

interface LogPosition {
  readonly position: string;
  readonly at: number;
}

/** The log's position and the server's clock in seconds; the first of two readings. */
export const readLogPosition = (session: Session): Promise<LogPosition> =>
  session.row<LogPosition>(`SELECT (${POSITION})::text AS position, extract(epoch FROM clock_timestamp())::float8 AS at`);

/** Bytes of log per second since `earlier`, or on average since the statistics began (14 and later), whichever is more. */
export async function readLogRate(session: Session, earlier: LogPosition): Promise<number> {
  const average = session.major >= 14 ? 'SELECT wal_bytes / greatest(extract(epoch FROM clock_timestamp() - stats_reset), 1) FROM pg_catalog.pg_stat_wal' : 'SELECT 0';
  const row = await session.row<{ rate: number }>(
    `SELECT greatest(pg_catalog.pg_wal_lsn_diff(${POSITION}, $1::pg_lsn) / greatest((extract(epoch FROM clock_timestamp()) - $2::float8)::numeric, 0.1), (${average})::numeric)::float8 AS rate`,
    [earlier.position, earlier.at],
  );
  return row.rate;
}
