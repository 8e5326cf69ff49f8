import { changesBetween, type Grant } from '../domain/object-rights.ts';
import { mappedRole, type RoleMapping } from '../domain/role-mapping.ts';
import type { Session } from './connection.ts';
import { granteeOf, grantsAsJson, together } from './object-rights.ts';
import { quoteIdent, quoteLiteral } from './quoting.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';
import { OUR_PREFIX } from './tables.ts';

/** What objects that a role will make are granted to others from the start. */
export interface DefaultPrivileges {
  readonly role: string;
  /** Null: in every schema. */
  readonly schema: string | null;
  /** As pg_default_acl knows it: `r`, `S`, `f`, `T`, `n`, `L`. */
  readonly kind: string;
  readonly grants: readonly Grant[];
}

/** What ALTER DEFAULT PRIVILEGES calls the kinds. */
const KINDS: Readonly<Record<string, string>> = { r: 'TABLES', S: 'SEQUENCES', f: 'FUNCTIONS', T: 'TYPES', n: 'SCHEMAS', L: 'LARGE OBJECTS' };

/** acldefault() writes sequences otherwise. */
const letterOf = (kind: string): string => (kind === 'S' ? 's' : kind);

export async function readDefaultPrivileges(session: Session): Promise<DefaultPrivileges[]> {
  return await session.rows<DefaultPrivileges>(
    `SELECT pg_catalog.pg_get_userbyid(d.defaclrole) AS role, n.nspname AS schema, d.defaclobjtype AS kind, ${grantsAsJson('d.defaclacl')} AS grants
       FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
      WHERE coalesce(n.nspname, '') NOT LIKE $1
      ORDER BY 1, 2 NULLS FIRST, 3`,
    [`${OUR_PREFIX.replaceAll('_', String.raw`\_`)}%`],
  );
}

/** Brings the defaults of the target to those of the source; what else is set there already stays. */
export async function carryDefaultPrivileges(target: Session, wanted: readonly DefaultPrivileges[], roles: RoleMapping): Promise<void> {
  const present = await readDefaultPrivileges(target);
  for (const one of wanted) {
    const role = mappedRole(roles, one.role);
    const there = present.find(isOf({ ...one, role }));
    const grants = one.grants.map((grant) => ({ ...grant, grantor: role, grantee: grant.grantee === null ? null : mappedRole(roles, grant.grantee) }));
    await bring(target, there ?? (await unset(target, { ...one, role })), there === undefined ? grants : [...there.grants, ...grants]);
  }
}

/** Brings the defaults back to what they were; those of roles for which ours may not speak were set by others. */
export async function resetDefaultPrivileges(target: Session, before: readonly DefaultPrivileges[]): Promise<void> {
  for (const now of await readDefaultPrivileges(target)) {
    await bring(target, now, (before.find(isOf(now)) ?? (await unset(target, now))).grants).catch((error: unknown) => {
      if (sqlstateOf(error) !== SQLSTATE.insufficientPrivilege) throw error;
    });
  }
}

const isOf = (one: DefaultPrivileges) => (other: DefaultPrivileges): boolean => other.role === one.role && other.schema === one.schema && other.kind === one.kind;

async function bring(target: Session, now: DefaultPrivileges, wanted: readonly Grant[]): Promise<void> {
  const { revoke, grant } = changesBetween(wanted, { grants: now.grants, owner: now.role });
  const head = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdent(now.role)}${now.schema === null ? '' : ` IN SCHEMA ${quoteIdent(now.schema)}`}`;
  const on = `ON ${KINDS[now.kind] ?? now.kind}`;
  const statements = [
    ...together(revoke).map(([first, privileges]) => `${head} REVOKE ${privileges.join(', ')} ${on} FROM ${granteeOf(first)}`),
    ...together(grant).map(([first, privileges]) => `${head} GRANT ${privileges.join(', ')} ${on} TO ${granteeOf(first)}${first.grantable ? ' WITH GRANT OPTION' : ''}`),
  ];
  if (statements.length > 0) await target.execute(statements.join('; '));
}

/** What holds while nothing is set: in one schema, nothing more. */
async function unset(target: Session, one: DefaultPrivileges): Promise<DefaultPrivileges> {
  return { ...one, grants: one.schema === null ? await builtIn(target, one.role, one.kind) : [] };
}

/** What a role's objects are granted from the start, by the server itself. */
async function builtIn(target: Session, role: string, kind: string): Promise<Grant[]> {
  const row = await target.row<{ grants: Grant[] }>(
    `SELECT ${grantsAsJson(`pg_catalog.acldefault('${letterOf(kind)}', (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(role)}))`)} AS grants`,
  );
  return row.grants;
}
