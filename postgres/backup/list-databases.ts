import type { Session } from '../connection.ts';
import { OUR_PREFIX } from '../tables.ts';

/** What platforms keep for themselves and let nobody into: https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-servers, RDS, Cloud SQL. */
const OF_THE_PLATFORM = ['azure_maintenance', 'azure_sys', 'rdsadmin', 'cloudsqladmin'];

/** The databases of a server that can be dumped, by name: no templates, none that let nobody in, none that a restore or a proof of ours is making. */
export async function listDatabases(session: Session): Promise<string[]> {
  const sql = `
    SELECT datname AS name
    FROM pg_catalog.pg_database
    WHERE datallowconn AND NOT datistemplate AND datname <> ALL ($1) AND datname !~ $2
    ORDER BY datname`;
  return (await session.rows<{ name: string }>(sql, [OF_THE_PLATFORM, `^${OUR_PREFIX}(restore|quarantine|proof)_`])).map(({ name }) => name);
}
