import type { Session } from '../connection.ts';
import { quoteIdent } from '../quoting.ts';

/** Those of the names that are no roles of the server; PostgreSQL's own and PUBLIC are everywhere. */
export async function listMissingRoles(session: Session, names: readonly string[]): Promise<string[]> {
  const present = new Set((await session.rows<{ name: string }>('SELECT rolname AS name FROM pg_catalog.pg_roles')).map(({ name }) => name));
  return [...new Set(names)].filter((name) => !present.has(name) && !/^(pg_|public$)/i.test(name)).toSorted();
}

/** Creates them without the right to log in: their passwords are in no backup, and somebody has to give them one. */
export async function createMissingRoles(session: Session, names: readonly string[]): Promise<void> {
  // From 16 on who makes a role is no member of it by itself, and could give it no object.
  if (session.major >= 16) await session.execute(`SET createrole_self_grant = 'set, inherit'`);
  for (const name of names) await session.execute(`CREATE ROLE ${quoteIdent(name)} NOLOGIN`);
}
