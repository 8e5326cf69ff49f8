import type { BackupManifest } from '../../domain/backup/manifest.ts';
import type { Session } from '../connection.ts';
import { utcText } from '../utc-text.ts';

/** What is asked of the server before anything is made. */
export interface ServerIdentity {
  /** Null where we may not ask, as on some managed servers. */
  readonly systemId: string | null;
  /** ISO 8601, UTC. */
  readonly now: string;
}

export async function readServerIdentity(session: Session): Promise<ServerIdentity> {
  const { now } = await session.row<{ now: string }>(`SELECT ${utcText('clock_timestamp()')} AS now`);
  const asked = await session.maybeRow<{ id: string }>('SELECT system_identifier::text AS id FROM pg_catalog.pg_control_system()').catch(() => undefined);
  return { systemId: asked?.id ?? null, now };
}

/** A database as its manifest describes it, without the client that dumps it. */
export type SourceFacts = Omit<BackupManifest['source'], 'role' | 'clientVersion' | 'serverMajor'>;

/** From 17 on a locale that is no library's is called otherwise; `datcollate` is there throughout. */
export async function readSourceFacts(session: Session): Promise<SourceFacts> {
  return await session.row<SourceFacts>(`
    SELECT split_part(pg_catalog.current_setting('server_version'), ' ', 1) AS "serverVersion", pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collation,
           d.datctype AS "characterType", pg_catalog.pg_get_userbyid(d.datdba) AS owner,
           (SELECT coalesce(json_agg(setting ORDER BY setting), '[]') FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS setting
             WHERE s.setdatabase = d.oid AND s.setrole = 0) AS settings,
           (SELECT coalesce(json_agg(json_build_object('name', e.extname, 'version', e.extversion, 'schema', n.nspname) ORDER BY e.extname), '[]')
              FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace) AS extensions
      FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`);
}

/** Roles that own something in the database or are granted something in it or on it. */
export async function listUsedRoles(session: Session): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(`
    SELECT DISTINCT r.rolname AS name
      FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_roles r ON s.refclassid = 'pg_catalog.pg_authid'::regclass AND r.oid = s.refobjid
     WHERE s.dbid = d.oid OR (s.dbid = 0 AND s.classid = 'pg_catalog.pg_database'::regclass AND s.objid = d.oid)
     ORDER BY 1`);
  return rows.map(({ name }) => name);
}

export interface ScaleFacts {
  readonly lockedTables: number;
  readonly lockSlots: number;
  readonly largeObjects: number;
}

/** How many locks and files a dump needs, and how many locks there are. https://www.postgresql.org/docs/current/runtime-config-locks.html */
export async function readScale(session: Session): Promise<ScaleFacts> {
  return await session.row<ScaleFacts>(`
    SELECT (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)') AS "lockedTables",
           current_setting('max_locks_per_transaction')::bigint * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) AS "lockSlots",
           (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata) AS "largeObjects"`);
}

/** Whether our role may see the verifiers of passwords; managed servers hide them (B17). */
export async function canReadVerifiers(session: Session): Promise<boolean> {
  return (await session.row<{ can: boolean }>(`SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS can`)).can;
}
