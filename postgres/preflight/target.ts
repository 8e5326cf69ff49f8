import type { Names } from '../../domain/preflight/fact.ts';
import type { OfferedExtension, ReplicationCapacity, TargetRole } from '../../domain/preflight/target-facts.ts';
import type { Session } from '../connection.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';
import { NOT_SYSTEM_SCHEMA } from '../tables.ts';
import { readNames } from './names.ts';

const notOfExtension = (catalog: string, alias: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.${catalog}'::regclass AND e.objid = ${alias}.oid AND e.deptype = 'e')`;

/** Objects of somebody in the session's database: relations, functions, types, schemas other than public. Ours do not count. */
export const readPresentObjects = (session: Session): Promise<Names> =>
  readNames(
    session,
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind NOT IN ('i', 'I', 't') AND ${NOT_SYSTEM_SCHEMA} AND ${notOfExtension('pg_class', 'c')}
     UNION ALL
     SELECT 'function ' || n.nspname || '.' || p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE ${NOT_SYSTEM_SCHEMA} AND ${notOfExtension('pg_proc', 'p')}
     UNION ALL
     SELECT 'type ' || n.nspname || '.' || t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype IN ('d', 'e', 'r') AND ${NOT_SYSTEM_SCHEMA} AND ${notOfExtension('pg_type', 't')}
     UNION ALL
     SELECT 'schema ' || n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public' AND ${NOT_SYSTEM_SCHEMA} AND ${notOfExtension('pg_namespace', 'n')}`,
  );

/**
 * What a subscription draws from, as far as it is in use. Of the background workers the launcher and the logical workers
 * are counted; parallel workers come and go, and give way.
 */
export async function readReplicationUsed(session: Session): Promise<ReplicationCapacity> {
  return await session.row<ReplicationCapacity>(`
    WITH workers AS (SELECT count(pid)::int AS running FROM pg_catalog.pg_stat_subscription)
    SELECT (SELECT count(*)::int FROM pg_catalog.pg_replication_origin) AS origins,
           running AS "logicalWorkers", running + 1 AS "backgroundWorkers" FROM workers`);
}

/** What can be installed, with every version there is a script for. */
export async function readOfferedExtensions(session: Session): Promise<OfferedExtension[]> {
  return await session.rows<OfferedExtension>('SELECT name::text AS name, array_agg(version ORDER BY version) AS versions FROM pg_catalog.pg_available_extension_versions GROUP BY name');
}

/** Those of the collations (`schema.name`) that exist here for the database's encoding. */
export async function readCollations(session: Session, wanted: readonly string[]): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT DISTINCT n.nspname || '.' || k.collname AS name FROM pg_catalog.pg_collation k JOIN pg_catalog.pg_namespace n ON n.oid = k.collnamespace
      WHERE n.nspname || '.' || k.collname = ANY ($1::text[]) AND pg_catalog.pg_collation_is_visible(k.oid)`,
    [wanted],
  );
  return rows.map(({ name }) => name);
}

/** Every role of the server, with whether our role may make it an owner. From 16 on membership alone does not do. */
export async function readTargetRoles(session: Session): Promise<TargetRole[]> {
  const { visible } = await session.row<{ visible: boolean }>("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS visible");
  const withoutPassword = visible ? 'r.rolcanlogin AND (SELECT a.rolpassword IS NULL FROM pg_catalog.pg_authid a WHERE a.oid = r.oid)' : 'CASE WHEN r.rolcanlogin THEN NULL ELSE false END';
  return await session.rows<TargetRole>(
    `SELECT r.rolname::text AS name, r.rolsuper AS superuser, pg_catalog.pg_has_role(r.oid, '${session.major >= 16 ? 'SET' : 'MEMBER'}') AS assignable,
            coalesce((SELECT pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE') FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public'), false) AS "createsInPublic",
            ${withoutPassword} AS "loginWithoutPassword"
       FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_'`,
  );
}

/** Whether our role may grant in schema public: as its owner, or as one of the database's owner, whose it is from 15 on. */
export async function mayGrantInPublic(session: Session): Promise<boolean> {
  const row = await session.maybeRow<{ may: boolean }>(
    `SELECT pg_catalog.pg_has_role(nspowner, 'USAGE') OR pg_catalog.has_schema_privilege(oid, 'CREATE WITH GRANT OPTION') AS may FROM pg_catalog.pg_namespace WHERE nspname = 'public'`,
  );
  return row?.may === true;
}

/** Tries it in a transaction that is rolled back: from 15 on the right can be granted, which no list of roles shows. */
export async function maySetReplicationRole(session: Session): Promise<boolean> {
  await session.execute('BEGIN');
  try {
    await session.execute('SET LOCAL session_replication_role = replica');
    return true;
  } catch (error) {
    if (sqlstateOf(error) === SQLSTATE.insufficientPrivilege) return false;
    throw error;
  } finally {
    await session.execute('ROLLBACK');
  }
}

/** Time-outs that a session of our role in this database begins with. */
export const readPrescribedTimeouts = (session: Session): Promise<Names> =>
  readNames(
    session,
    `SELECT name || ' = ' || reset_val || ' (' || unit || ')' AS name FROM pg_catalog.pg_settings
      WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout') AND reset_val <> '0'`,
  );
