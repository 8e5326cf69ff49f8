import type { Session } from '../connection.ts';
import { quoteIdent } from '../quoting.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';

export interface LentRoles {
  /** Our role was made a member of them. */
  readonly lent: readonly string[];
  /** Our role may neither give objects to them nor make itself a member. */
  readonly refused: readonly string[];
}

/** From 16 on a member may be one in name only. */
const FIRST_WITH_OPTIONS = 16;

/**
 * Makes our role a member of those that are to own something: only a member can give objects to a role, and name a database's
 * settings once it is another's. A superuser needs none of it.
 */
export async function lendRoles(session: Session, roles: readonly string[]): Promise<LentRoles> {
  const options = session.major >= FIRST_WITH_OPTIONS;
  const isMember = options ? `pg_catalog.pg_has_role(r.oid, 'USAGE') AND pg_catalog.pg_has_role(r.oid, 'SET')` : `pg_catalog.pg_has_role(r.oid, 'MEMBER')`;
  const foreign = await session.rows<{ name: string }>(`SELECT r.rolname AS name FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1) AND NOT (${isMember}) ORDER BY 1`, [roles]);
  const [lent, refused]: [string[], string[]] = [[], []];
  for (const { name } of foreign) {
    const done = await session.execute(`GRANT ${quoteIdent(name)} TO CURRENT_USER${options ? ' WITH INHERIT TRUE, SET TRUE' : ''}`).then(() => true, refusedOrThrow);
    (done ? lent : refused).push(name);
  }
  return { lent, refused };
}

export async function takeBackRoles(session: Session, lent: readonly string[]): Promise<void> {
  for (const name of lent) await session.execute(`REVOKE ${quoteIdent(name)} FROM CURRENT_USER`);
}

/** Lets roles make objects in schemas, where our role may grant that: an object is given only to a role that could have made it there, unless a superuser gives it. */
export async function lendSchemas(session: Session, guests: readonly { readonly schema: string; readonly role: string }[]): Promise<void> {
  for (const { schema, role } of guests) await session.execute(`GRANT USAGE, CREATE ON SCHEMA ${quoteIdent(schema)} TO ${quoteIdent(role)}`).catch(refusedOrThrow);
}

/** `grants`: what they may anyway, said again. */
export async function takeBackSchemas(session: Session, guests: readonly { readonly schema: string; readonly role: string }[], grants: readonly string[]): Promise<void> {
  for (const { schema, role } of guests) await session.execute(`REVOKE USAGE, CREATE ON SCHEMA ${quoteIdent(schema)} FROM ${quoteIdent(role)}`).catch(refusedOrThrow);
  for (const statement of grants) await session.execute(statement);
}

function refusedOrThrow(error: unknown): false {
  if (sqlstateOf(error) !== SQLSTATE.insufficientPrivilege) throw error;
  return false;
}
