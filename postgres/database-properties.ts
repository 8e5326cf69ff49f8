import { mappedRole, type RoleMapping } from '../domain/role-mapping.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteLiteral } from './quoting.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';

/** What belongs to a database as a whole; no dump of its objects holds it (F33). */
export interface DatabaseProperties {
  readonly owner: string;
  readonly connectionLimit: number;
  readonly comment: string | null;
  /** `name=value`, of all roles or of one. */
  readonly settings: readonly { readonly role: string | null; readonly setting: string }[];
  /** Null when they are the ones that every database begins with. */
  readonly grants: readonly { readonly grantee: string | null; readonly privilege: string; readonly grantable: boolean }[] | null;
}

/** Reads them; undefined when there is no database of that name. */
export async function readDatabaseProperties(session: Session, name: string): Promise<DatabaseProperties | undefined> {
  return await session.maybeRow<DatabaseProperties>(
    `SELECT pg_catalog.pg_get_userbyid(d.datdba) AS owner, d.datconnlimit AS "connectionLimit", pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
            (SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'setting', setting)), '[]')
               FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
              WHERE s.setdatabase = d.oid) AS settings,
            (SELECT json_agg(json_build_object('grantee', r.rolname, 'privilege', a.privilege_type, 'grantable', a.is_grantable))
               FROM pg_catalog.aclexplode(d.datacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee) AS grants
       FROM pg_catalog.pg_database d WHERE d.datname = $1`,
    [name],
  );
}

/** The same under the names that roles have on the target. */
export function underNames(properties: DatabaseProperties, mapping: RoleMapping): DatabaseProperties {
  const named = (role: string | null): string | null => (role === null ? null : mappedRole(mapping, role));
  return {
    ...properties,
    owner: mappedRole(mapping, properties.owner),
    settings: properties.settings.map((one) => ({ ...one, role: named(one.role) })),
    grants: properties.grants?.map((grant) => ({ ...grant, grantee: named(grant.grantee) })) ?? null,
  };
}

/** Owner and grants, for a database that we made. They come first: who owns a publication, for one, needs CREATE on it. */
export async function writeDatabaseRights(session: Session, name: string, wanted: DatabaseProperties, keep: { owners: boolean; privileges: boolean }): Promise<void> {
  const database = quoteIdent(name);
  const roles = await roleNames(session);
  await executeWherePermitted(session, [
    ...(keep.owners && roles.has(wanted.owner) ? [`ALTER DATABASE ${database} OWNER TO ${quoteIdent(wanted.owner)}`] : []),
    ...(keep.privileges && wanted.grants !== null ? grantsOf(database, wanted.grants, roles) : []),
  ]);
}

/** Settings and connection limit. They are in force for us too, so they come last; the comment, in the place of ours, with the commit. */
export async function writeDatabaseSettings(session: Session, name: string, wanted: DatabaseProperties): Promise<void> {
  const database = quoteIdent(name);
  const roles = await roleNames(session);
  await executeWherePermitted(session, [
    ...wanted.settings.filter(({ role }) => role === null || roles.has(role)).map(({ role, setting }) => `${role === null ? 'ALTER' : `ALTER ROLE ${quoteIdent(role)} IN`} DATABASE ${database} SET ${assignment(setting)}`),
    `ALTER DATABASE ${database} CONNECTION LIMIT ${wanted.connectionLimit}`,
  ]);
}

const roleNames = async (session: Session): Promise<Set<string>> => new Set((await session.rows<{ name: string }>('SELECT rolname AS name FROM pg_catalog.pg_roles')).map(({ name }) => name));

/** What our role may not say stays unsaid. */
async function executeWherePermitted(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    await session.execute(statement).catch((error: unknown) => {
      if (sqlstateOf(error) !== SQLSTATE.insufficientPrivilege) throw error;
    });
  }
}

function grantsOf(database: string, grants: NonNullable<DatabaseProperties['grants']>, roles: ReadonlySet<string>): string[] {
  const known = grants.filter(({ grantee }) => grantee === null || roles.has(grantee));
  return [
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    ...known.map(({ grantee, privilege, grantable }) => `GRANT ${privilege} ON DATABASE ${database} TO ${grantee === null ? 'PUBLIC' : quoteIdent(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`),
  ];
}

/** Settings whose value is a list are kept as the list was written, each part quoted already; all others are one string. */
const LISTS = new Set(['search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries', 'shared_preload_libraries', 'datestyle', 'synchronous_standby_names', 'unix_socket_directories', 'listen_addresses', 'log_destination', 'debug_io_direct', 'createrole_self_grant']);

/** `name=value`, as the catalogs keep it, as SET wants it. */
export function assignment(setting: string): string {
  const equals = setting.indexOf('=');
  const [name, value] = [setting.slice(0, equals), setting.slice(equals + 1)];
  const quotedName = name.split('.').map(quoteIdent).join('.');
  return `${quotedName} = ${LISTS.has(name.toLowerCase()) && value !== '' ? value : quoteLiteral(value)}`;
}
