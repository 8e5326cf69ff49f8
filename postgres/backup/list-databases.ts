import type { Session } from '../connection.ts';

/** The databases of a server that can be dumped, by name: no templates, none that let nobody in. */
export async function listDatabases(session: Session): Promise<string[]> {
  const sql = `
    SELECT datname AS name
    FROM pg_catalog.pg_database
    WHERE datallowconn AND NOT datistemplate
    ORDER BY datname`;
  return (await session.rows<{ name: string }>(sql)).map(({ name }) => name);
}
