import { mappedRole, type RoleMapping } from '../domain/role-mapping.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteLiteral, quoteName } from './quoting.ts';
import { runSchema } from './run-schema.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';

export interface Role {
  readonly name: string;
  readonly attributes: readonly string[];
  readonly connectionLimit: number;
  readonly memberOf: readonly string[];
  /** The verifier as the source keeps it; null when the source does not show it to us. Sent on, never kept. */
  readonly verifier: string | null;
}

/**
 * The roles that a database's objects need: owners, grantees, and the roles those are members of. System roles are everywhere; in the
 * place of a mapped role stands another, which is the operator's.
 */
export async function listNeededRoles(session: Session, mapping: RoleMapping = {}): Promise<Role[]> {
  const canReadVerifiers = (await session.row<{ can: boolean }>(`SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS can`)).can;
  const rows = await session.rows<Role>(
    `WITH RECURSIVE needed AS (
      SELECT refobjid AS oid FROM pg_catalog.pg_shdepend
       WHERE refclassid = 'pg_catalog.pg_authid'::regclass
         AND (dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
              OR (dbid = 0 AND classid = 'pg_catalog.pg_database'::regclass AND objid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())))
      UNION
      SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN needed n ON m.member = n.oid
       WHERE m.member NOT IN (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[]))
    )
    SELECT r.rolname AS name, r.rolconnlimit AS "connectionLimit",
           array_remove(ARRAY[CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
                              CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
                              CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
                              CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END], NULL) AS attributes,
           ARRAY(SELECT g.rolname::text FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) AS "memberOf",
           ${canReadVerifiers ? '(SELECT a.rolpassword FROM pg_catalog.pg_authid a WHERE a.oid = r.oid)' : 'NULL'} AS verifier
      FROM pg_catalog.pg_roles r
     WHERE r.oid IN (SELECT oid FROM needed) AND r.rolname NOT LIKE 'pg\\_%' AND r.rolname <> ALL ($1::text[])
     ORDER BY r.rolname`,
    [Object.keys(mapping)],
  );
  return rows.map((role) => ({ ...role, memberOf: role.memberOf.map((group) => mappedRole(mapping, group)) }));
}

/**
 * Creates the roles that are missing on the target, noting each in our schema. A role that exists is left as it is: it is
 * the operator's. Gives the names made, and those made without a password although they log in (F32).
 */
export async function ensureRoles(session: Session, runId: string, roles: readonly Role[]): Promise<{ made: string[]; withoutPassword: string[] }> {
  const present = new Set((await session.rows<{ name: string }>('SELECT rolname AS name FROM pg_catalog.pg_roles')).map((row) => row.name));
  const missing = roles.filter((role) => !present.has(role.name));
  // From 16 on who makes a role is no member of it by itself, and could give it no object.
  if (session.major >= 16) await session.execute(`SET createrole_self_grant = 'set, inherit'`);
  for (const role of missing) {
    const limit = role.connectionLimit >= 0 ? ` CONNECTION LIMIT ${role.connectionLimit}` : '';
    const password = role.verifier === null ? '' : ` PASSWORD ${quoteLiteral(role.verifier)}`;
    await session.transaction(async () => {
      await session.execute(`INSERT INTO ${quoteName(runSchema(runId), 'made_role')} VALUES (${quoteLiteral(role.name)}) ON CONFLICT DO NOTHING`);
      await session.execute(`CREATE ROLE ${quoteIdent(role.name)} ${role.attributes.join(' ')}${limit}${password}`);
    });
  }
  for (const role of missing) {
    for (const group of role.memberOf.filter((name) => name !== role.name)) await session.execute(`GRANT ${quoteIdent(group)} TO ${quoteIdent(role.name)}`);
  }
  const withoutPassword = missing.filter((role) => role.verifier === null && role.attributes.includes('LOGIN')).map((role) => role.name);
  return { made: missing.map((role) => role.name), withoutPassword };
}

/** The roles that {@link ensureRoles} made. */
export async function listMadeRoles(session: Session, runId: string): Promise<string[]> {
  const table = quoteName(runSchema(runId), 'made_role');
  const known = await session.row<{ there: boolean }>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [table]);
  if (!known.there) return [];
  const rows = await session.rows<{ name: string }>(`SELECT m.name FROM ${table} m JOIN pg_catalog.pg_roles r ON r.rolname = m.name`);
  return rows.map((row) => row.name);
}

/** Takes from the roles what they own or were granted in the session's database. */
export async function dropOwnedBy(session: Session, roles: readonly string[]): Promise<void> {
  for (const role of roles) await session.execute(`DROP OWNED BY ${quoteIdent(role)}`);
}

/** Drops roles that own nothing any more; one that another database of the server has come to need is not ours to take. */
export async function dropRoles(session: Session, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    await session.execute(`DROP ROLE IF EXISTS ${quoteIdent(role)}`).catch((error: unknown) => {
      if (sqlstateOf(error) !== SQLSTATE.dependentObjects) throw error;
    });
  }
}

/** Whether the session's role may do everything. */
export async function isSuperuser(session: Session): Promise<boolean> {
  return (await session.row<{ is: boolean }>('SELECT rolsuper AS is FROM pg_catalog.pg_roles WHERE rolname = current_user')).is;
}
