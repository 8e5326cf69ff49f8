import type { Session } from '../connection.ts';

/** Somebody whom a dump has to do with over a lock on a table. */
export interface DumpWait {
  /** `holds`: a session of the dump waits for it. `queues`: it waits for the dump, and who comes to the table after it waits too, or gives up. */
  readonly kind: 'holds' | 'queues';
  readonly table: string | null;
  readonly pid: number;
  readonly user: string;
  readonly application: string;
  /** The beginning of the statement it runs or ran last. */
  readonly query: string;
  /** Seconds since its transaction began. */
  readonly age: number;
}

/** Who is in the way of a dump now (B13); `purpose` as its sessions have it behind `pgconvoy_`. */
export async function readDumpWaits(session: Session, purpose: string): Promise<DumpWait[]> {
  return await session.rows<DumpWait>(
    `SELECT DISTINCT ON (other.pid) pair.kind, other.pid, coalesce(other.usename, '') AS user, other.application_name AS application,
            regexp_replace(left(other.query, 200), '\\s+', ' ', 'g') AS query, coalesce(round(extract(epoch FROM clock_timestamp() - other.xact_start))::int, 0) AS age,
            (SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE l.pid = pair.waiting AND NOT l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) LIMIT 1) AS table
       FROM (SELECT CASE WHEN waiting.application_name = $1 THEN 'holds' ELSE 'queues' END AS kind, waiting.pid AS waiting,
                    CASE WHEN waiting.application_name = $1 THEN blocking.pid ELSE waiting.pid END AS other
               FROM pg_catalog.pg_stat_activity waiting
              CROSS JOIN LATERAL unnest(pg_catalog.pg_blocking_pids(waiting.pid)) AS blocking (pid)
               JOIN pg_catalog.pg_stat_activity holder ON holder.pid = blocking.pid
              WHERE waiting.wait_event_type = 'Lock' AND (waiting.application_name = $1) <> (holder.application_name = $1)) AS pair
       JOIN pg_catalog.pg_stat_activity other ON other.pid = pair.other
      ORDER BY other.pid, pair.kind`,
    [`pgconvoy_${purpose}`],
  );
}

/** How often replay has ended queries of this database on a standby, to be compared with the same count later (B14). */
export async function readConflicts(session: Session): Promise<number> {
  const row = await session.maybeRow<{ conflicts: number }>('SELECT conflicts FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database()');
  return row?.conflicts ?? 0;
}
