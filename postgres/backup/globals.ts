import type { Session } from '../connection.ts';
import { assignment } from '../database-properties.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';

interface GlobalRole {
  readonly name: string;
  readonly attributes: string;
  readonly comment: string | null;
  readonly settings: readonly string[];
  readonly settingsHere: readonly string[];
}

interface Membership {
  readonly group: string;
  readonly member: string;
  readonly options: string;
}

interface Tablespace {
  readonly name: string;
  readonly owner: string;
  readonly location: string;
  readonly options: readonly string[];
}

/**
 * What belongs to the server and not to the database, as SQL that any driver can run and that may be run again: roles,
 * memberships, tablespaces, settings of roles (B16). From the catalog, so that it needs no right to read passwords and holds
 * none of psql's own lines, whose text differs each time (B17, B18).
 */
export async function readGlobals(session: Session): Promise<string> {
  const [roles, memberships, tablespaces] = [await readRoles(session), await readMemberships(session), await readTablespaces(session)];
  const database = quoteIdent(session.database);
  const lines = [
    '-- Roles, memberships, tablespaces and settings of roles, by pgconvoy. Passwords are not part of a backup: set them anew.',
    ...roles.flatMap(({ name, attributes, comment }) => [
      `DO ${quoteLiteral(`BEGIN CREATE ROLE ${quoteIdent(name)}; EXCEPTION WHEN duplicate_object THEN NULL; END`)};`,
      `ALTER ROLE ${quoteIdent(name)} WITH ${attributes};`,
      ...(comment === null ? [] : [`COMMENT ON ROLE ${quoteIdent(name)} IS ${quoteLiteral(comment)};`]),
    ]),
    ...memberships.map(({ group, member, options }) => `GRANT ${quoteIdent(group)} TO ${quoteIdent(member)}${options === '' ? '' : ` WITH ${options}`};`),
    ...roles.flatMap(({ name, settings, settingsHere }) => [
      ...settings.map((setting) => `ALTER ROLE ${quoteIdent(name)} SET ${assignment(setting)};`),
      ...settingsHere.map((setting) => `ALTER ROLE ${quoteIdent(name)} IN DATABASE ${database} SET ${assignment(setting)};`),
    ]),
    ...tablespaces.flatMap(({ name, owner, location, options }) => [
      remark(`CREATE TABLESPACE ${quoteIdent(name)} OWNER ${quoteIdent(owner)} LOCATION ${quoteLiteral(location)};`),
      ...options.map((option) => remark(`ALTER TABLESPACE ${quoteIdent(name)} SET (${option});`)),
    ]),
    '',
  ];
  return lines.join('\n');
}

/** Of one line, whatever is in a name. */
const remark = (statement: string): string => `-- ${statement.replaceAll(/[\r\n]/g, ' ')}`;

const readRoles = (session: Session): Promise<GlobalRole[]> =>
  session.rows<GlobalRole>(`
    SELECT r.rolname AS name,
           concat_ws(' ', CASE WHEN r.rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END, CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
             CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
             CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN r.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END,
             CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END, 'CONNECTION LIMIT ' || r.rolconnlimit,
             CASE WHEN r.rolvaliduntil IS NOT NULL THEN 'VALID UNTIL ' || quote_literal(r.rolvaliduntil::text) END) AS attributes,
           pg_catalog.shobj_description(r.oid, 'pg_authid') AS comment,
           (SELECT coalesce(json_agg(setting), '[]') FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS setting WHERE s.setrole = r.oid AND s.setdatabase = 0) AS settings,
           (SELECT coalesce(json_agg(setting), '[]') FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS setting
             WHERE s.setrole = r.oid AND s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())) AS "settingsHere"
      FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY r.rolname`);

const readMemberships = (session: Session): Promise<Membership[]> =>
  session.rows<Membership>(`
    SELECT DISTINCT g.rolname AS group, r.rolname AS member,
           ${session.major >= 16 ? `concat('ADMIN ', m.admin_option::text, ', INHERIT ', m.inherit_option::text, ', SET ', m.set_option::text)` : `CASE WHEN m.admin_option THEN 'ADMIN OPTION' ELSE '' END`} AS options
      FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles r ON r.oid = m.member
     WHERE r.rolname !~ '^pg_' ORDER BY 1, 2`);

/** As comments: their folders are the machine's, and have to be made there first. */
const readTablespaces = (session: Session): Promise<Tablespace[]> =>
  session.rows<Tablespace>(`
    SELECT spcname AS name, pg_catalog.pg_get_userbyid(spcowner) AS owner, pg_catalog.pg_tablespace_location(oid) AS location, coalesce(to_json(spcoptions), '[]') AS options
      FROM pg_catalog.pg_tablespace WHERE spcname !~ '^pg_' ORDER BY spcname`);
