import type { ConnectionFacts, DatabaseFacts, RoleFacts, ServerFacts, Settings } from '../../domain/preflight/server-facts.ts';
import type { Session } from '../connection.ts';

/** Version, identity and state of the server behind a session. */
export async function readServer(session: Session): Promise<ServerFacts> {
  const row = await session.row<Omit<ServerFacts, 'major'>>(`
    SELECT pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) AS version,
           (SELECT s.version FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_catalog.pg_backend_pid()) AS tls,
           pg_catalog.pg_is_in_recovery() AS "inRecovery",
           (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS "systemIdentifier",
           pg_catalog.pg_postmaster_start_time()::text AS "startedAt"`);
  return { ...row, major: session.major };
}

/** Our role. Memberships count as far as their privileges are inherited. */
export async function readRole(session: Session): Promise<RoleFacts> {
  return await session.row<RoleFacts>(`
    SELECT rolname AS name, rolsuper AS superuser, rolcreatedb AS "createDb", rolcreaterole AS "createRole", rolbypassrls AS "bypassRls",
           rolreplication OR rolsuper OR ${memberOf('rds_replication')} AS replication,
           ${memberOf('pg_signal_backend')} AS "signalBackend",
           ${memberOf('pg_read_all_stats')} AS "readAllStats",
           ${memberOf('pg_create_subscription')} AS "createSubscription"
      FROM pg_catalog.pg_roles r WHERE rolname = current_user`);
}

/** False where the role does not exist, since not every major and provider has each. */
const memberOf = (role: string): string =>
  `EXISTS (SELECT FROM pg_catalog.pg_roles g WHERE g.rolname = '${role}' AND pg_catalog.pg_has_role(r.oid, g.oid, 'USAGE'))`;

/**
 * pg_settings as a new session of this role in this database gets them; the value now would be what our own sessions set.
 * Settings that our role may not see are absent.
 */
export async function readSettings(session: Session): Promise<Settings> {
  const rows = await session.rows<{ name: string; value: string; unit: string | null }>(
    "SELECT name, coalesce(reset_val, '') AS value, unit FROM pg_catalog.pg_settings",
  );
  return Object.fromEntries(rows.map(({ name, value, unit }) => [name, { value, unit }]));
}

/** A database of the server, or null when there is none of that name. */
export async function readDatabaseFacts(session: Session, name: string): Promise<DatabaseFacts | null> {
  const provider = session.major >= 15 ? `CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END` : `'libc'`;
  const row = await session.maybeRow<DatabaseFacts>(
    `SELECT datname::text AS name, pg_catalog.pg_encoding_to_char(encoding) AS encoding, ${localeColumn(session.major)} AS collate, datctype::text AS ctype,
            ${provider} AS provider, pg_catalog.pg_get_userbyid(datdba)::text AS owner,
            pg_catalog.pg_has_role(datdba, 'USAGE') AS owned, pg_catalog.has_database_privilege(oid, 'CREATE') AS "mayCreate",
            pg_catalog.pg_database_size(oid) AS bytes,
            pg_catalog.age(datfrozenxid) AS "xidAge", pg_catalog.mxid_age(datminmxid) AS "multixactAge"
       FROM pg_catalog.pg_database WHERE datname = $1`,
    [name],
  );
  return row ?? null;
}

/** ICU's locale has a column of its own, under two names: daticulocale in 15 and 16, datlocale from 17 on. */
function localeColumn(major: number): string {
  if (major < 15) return 'datcollate::text';
  return `coalesce(${major >= 17 ? 'datlocale' : 'daticulocale'}, datcollate)::text`;
}

/** Connections left for our role. Counted by pg_stat_database, which shows everybody to everybody. */
export async function readConnections(session: Session, database: string): Promise<ConnectionFacts> {
  return await session.row<ConnectionFacts>(
    `WITH counts AS (
       SELECT pg_catalog.current_setting('max_connections')::int AS max,
              CASE WHEN r.rolsuper THEN 0
                   ELSE pg_catalog.current_setting('superuser_reserved_connections')::int + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) END AS reserved,
              (SELECT sum(numbackends)::int FROM pg_catalog.pg_stat_database) AS used,
              (SELECT CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit - s.numbackends END
                 FROM pg_catalog.pg_database d JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid WHERE d.datname = $1) AS database_left,
              CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit - (SELECT count(*)::int FROM pg_catalog.pg_stat_activity a WHERE a.usename = r.rolname) END AS role_left
         FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
     SELECT max, used, greatest(least(max - reserved - used, database_left, role_left), 0) AS free FROM counts`,
    [database],
  );
}
