import { mappedRole, type RoleMapping } from '../domain/role-mapping.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteLiteral, quoteName } from './quoting.ts';

/** A row security policy that names roles. */
export interface Policy {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly command: string;
  readonly permissive: boolean;
  /** Null is everybody. */
  readonly roles: readonly (string | null)[];
  readonly using: string | null;
  readonly check: string | null;
}

/** How a role logs in at a foreign server. */
export interface UserMapping {
  readonly role: string;
  readonly foreignServer: string;
  /** `name=value`; may hold a password. Null when we may not see them. Sent on, never kept. */
  readonly options: readonly string[] | null;
}

/** The policies that one of the roles is named by. */
export async function listPoliciesFor(session: Session, roles: readonly string[]): Promise<Policy[]> {
  return await session.rows<Policy>(
    `SELECT p.oid, n.nspname AS schema, c.relname AS table, p.polname AS name, p.polcmd AS command, p.polpermissive AS permissive,
            ARRAY(SELECT CASE WHEN r.oid <> 0 THEN pg_catalog.pg_get_userbyid(r.oid)::text END FROM unnest(p.polroles) AS r (oid)) AS roles,
            pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS using, pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
       FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles) AND r.rolname = ANY ($1::text[]))
      ORDER BY 2, 3, 4`,
    [roles],
  );
}

/** The mappings of the roles at foreign servers. */
export async function listUserMappingsOf(session: Session, roles: readonly string[]): Promise<UserMapping[]> {
  return await session.rows<UserMapping>('SELECT usename AS role, srvname AS "foreignServer", umoptions AS options FROM pg_catalog.pg_user_mappings WHERE usename = ANY ($1::text[]) ORDER BY 1, 2', [roles]);
}

const COMMANDS: Readonly<Record<string, string>> = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' };

/** Makes a policy under the mapped names; one that is there already, or whose table is not, is passed over. */
export async function makePolicy(target: Session, policy: Policy, mapping: RoleMapping): Promise<void> {
  const { schema, table, name, command, permissive, using, check } = policy;
  const state = await target.row<{ wanted: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polname = $3)) AS wanted`,
    [schema, table, name],
  );
  if (!state.wanted) return;
  const to = [...new Set(policy.roles.map((role) => (role === null ? 'PUBLIC' : quoteIdent(mappedRole(mapping, role)))))];
  await target.execute(
    `CREATE POLICY ${quoteIdent(name)} ON ${quoteName(schema, table)} AS ${permissive ? 'PERMISSIVE' : 'RESTRICTIVE'} FOR ${COMMANDS[command] ?? 'ALL'} TO ${to.join(', ')}` +
      `${using === null ? '' : ` USING (${using})`}${check === null ? '' : ` WITH CHECK (${check})`}`,
  );
}

/** Makes a mapping under the mapped name; one that is there already, or whose server is not, is passed over. */
export async function makeUserMapping(target: Session, { role, foreignServer, options }: UserMapping, mapping: RoleMapping): Promise<void> {
  const known = await target.maybeRow('SELECT FROM pg_catalog.pg_foreign_server WHERE srvname = $1', [foreignServer]);
  if (known === undefined) return;
  const list = (options ?? []).map((option) => `${quoteIdent(option.slice(0, option.indexOf('=')))} ${quoteLiteral(option.slice(option.indexOf('=') + 1))}`);
  await target.execute(`CREATE USER MAPPING IF NOT EXISTS FOR ${quoteIdent(mappedRole(mapping, role))} SERVER ${quoteIdent(foreignServer)}${list.length === 0 ? '' : ` OPTIONS (${list.join(', ')})`}`);
}
