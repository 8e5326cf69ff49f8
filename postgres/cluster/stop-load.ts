import type { LoadFacts } from '../../domain/cluster/switchover/facts.ts';
import { APPLICATION_PREFIX, type Session } from '../connection.ts';

/** What blocks or prolongs the stop of a primary. */
export async function readStopLoad(session: Session): Promise<LoadFacts> {
  const oldest = await session.maybeRow<{ ms: number; who: string }>(
    `SELECT (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS ms,
            concat_ws(', ', 'process ' || pid, usename, application_name) AS who
     FROM pg_catalog.pg_stat_activity
     WHERE backend_type = 'client backend' AND xact_start IS NOT NULL AND pid <> pg_catalog.pg_backend_pid() AND NOT starts_with(application_name, $1)
     ORDER BY xact_start LIMIT 1`,
    [APPLICATION_PREFIX],
  );
  return {
    oldestTransactionMs: Math.round(oldest?.ms ?? 0),
    oldestTransactionOf: oldest?.who ?? null,
    backups: await listBackups(session),
    dirtyBytes: await dirtyBytes(session),
    sessionStates: await listSessionStates(session),
  };
}

/** Base backups over the protocol, and those that a program has begun by SQL and may still be in. */
async function listBackups(session: Session): Promise<string[]> {
  const begin = session.major >= 15 ? 'pg_backup_start' : 'pg_start_backup';
  const rows = await session.rows<{ name: string }>(
    `SELECT 'pid ' || pid || ' (' || application_name || ')' AS name FROM pg_catalog.pg_stat_replication WHERE state = 'backup'
     UNION ALL
     SELECT 'pid ' || pid || ' (' || application_name || ')' FROM pg_catalog.pg_stat_activity WHERE pid <> pg_catalog.pg_backend_pid() AND backend_type = 'client backend' AND strpos(query, $1) > 0 AND state <> 'active'
     ORDER BY name`,
    [`${begin}(`],
  );
  return rows.map(({ name }) => name);
}

/**
 * At most so much has to be written by a checkpoint now: what was logged since the last one, and never more than there are buffers. The exact number
 * would need an extension.
 */
async function dirtyBytes(session: Session): Promise<number> {
  const { bytes } = await session.row<{ bytes: number }>(
    `SELECT least(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), redo_lsn), pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')))::float8 AS bytes
     FROM pg_catalog.pg_control_checkpoint()`,
  );
  return bytes;
}

/** Sessions that hold what dies with the role change, as far as another session can see it: temporary tables here, advisory locks, LISTEN as the last statement. */
async function listSessionStates(session: Session): Promise<string[]> {
  const rows = await session.rows<{ what: string }>(
    `SELECT 'advisory locks of process ' || pid AS what FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid IS NOT NULL GROUP BY pid
     UNION ALL
     SELECT 'temporary tables in ' || pg_catalog.current_database() || ' (' || count(*) || ')' FROM pg_catalog.pg_class WHERE relpersistence = 't' AND relkind = 'r' HAVING count(*) > 0
     UNION ALL
     SELECT 'LISTEN of process ' || pid FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND query ~* '^\\s*listen\\s' AND NOT starts_with(application_name, $1)
     ORDER BY what`,
    [APPLICATION_PREFIX],
  );
  return rows.map(({ what }) => what);
}
