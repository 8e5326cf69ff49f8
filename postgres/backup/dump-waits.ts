import type { Session } from '../connection.ts';

/** A session of a dump that waits for a lock, and who holds it or waits for it before us. */
export interface DumpWait {
  readonly table: string | null;
  readonly pid: number;
  readonly user: string;
  readonly application: string;
  /** The beginning of the statement it runs or ran last. */
  readonly query: string;
  /** Seconds since its transaction began. */
  readonly age: number;
}

/** What sessions of a dump wait for now (B13); `purpose` as the sessions have it behind `pgconvoy_`. */
export async function readDumpWaits(session: Session, purpose: string): Promise<DumpWait[]> {
  return await session.rows<DumpWait>(
    `SELECT DISTINCT ON (holder.pid) holder.pid, coalesce(holder.usename, '') AS user, holder.application_name AS application,
            regexp_replace(left(holder.query, 200), '\\s+', ' ', 'g') AS query, coalesce(round(extract(epoch FROM clock_timestamp() - holder.xact_start))::int, 0) AS age,
            (SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE l.pid = waiting.pid AND NOT l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) LIMIT 1) AS table
       FROM pg_catalog.pg_stat_activity waiting
      CROSS JOIN LATERAL unnest(pg_catalog.pg_blocking_pids(waiting.pid)) AS blocking (pid)
       JOIN pg_catalog.pg_stat_activity holder ON holder.pid = blocking.pid
      WHERE waiting.application_name = $1 AND waiting.wait_event_type = 'Lock' AND holder.application_name <> $1
      ORDER BY holder.pid`,
    [`pgconvoy_${purpose}`],
  );
}

/** How often replay has ended queries of this database on a standby, to be compared with the same count later (B14). */
export async function readConflicts(session: Session): Promise<number> {
  const row = await session.maybeRow<{ conflicts: number }>('SELECT conflicts FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database()');
  return row?.conflicts ?? 0;
}
