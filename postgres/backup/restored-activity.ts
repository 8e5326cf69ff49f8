import type { Session } from '../connection.ts';
import { quoteIdent } from '../quoting.ts';

/** What a restored database would do by itself (B59). */
export interface OwnActivity {
  /** Subscriptions, all of them disabled. */
  readonly subscriptions: readonly string[];
  /** Jobs of schedulers that keep them in tables. */
  readonly jobs: readonly string[];
}

/** Tables in which schedulers keep their jobs; `off` stops all of them. */
const SCHEDULERS = [
  { table: 'cron.job', names: `SELECT 'cron job ' || jobid || ': ' || left(command, 60) AS name FROM cron.job WHERE active`, off: 'UPDATE cron.job SET active = false WHERE active' },
  { table: 'pgagent.pga_job', names: `SELECT 'pgagent job ' || jobname AS name FROM pgagent.pga_job WHERE jobenabled`, off: 'UPDATE pgagent.pga_job SET jobenabled = false WHERE jobenabled' },
] as const;

/** Makes sure that no subscription runs, and names the jobs that would; with `stopJobs`, switches those off. */
export async function quietRestored(session: Session, { stopJobs }: { readonly stopJobs: boolean }): Promise<OwnActivity> {
  const subscriptions = await session.rows<{ name: string; enabled: boolean }>(
    'SELECT subname AS name, subenabled AS enabled FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) ORDER BY 1',
  );
  for (const { name, enabled } of subscriptions) if (enabled) await session.execute(`ALTER SUBSCRIPTION ${quoteIdent(name)} DISABLE`);
  const jobs: string[] = [];
  for (const { table, names, off } of SCHEDULERS) {
    const { there } = await session.row<{ there: boolean }>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [table]);
    if (!there) continue;
    jobs.push(...(await session.rows<{ name: string }>(names)).map(({ name }) => name));
    if (stopJobs) await session.execute(off);
  }
  return { subscriptions: subscriptions.map(({ name }) => name), jobs };
}

/** Of the session's database. */
export async function listSubscriptions(session: Session): Promise<string[]> {
  const rows = await session.rows<{ name: string }>('SELECT subname AS name FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())');
  return rows.map(({ name }) => name);
}

/** Tables that belong to an extension: `schema.name`. */
export async function listExtensionTables(session: Session): Promise<Set<string>> {
  const rows = await session.rows<{ name: string }>(`
    SELECT n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
     WHERE c.relkind IN ('r', 'p')`);
  return new Set(rows.map(({ name }) => name));
}

/** Tables and views with rows, the largest first; ANALYZE of a partitioned table goes through its partitions. */
export function listAnalyzable(session: Session): Promise<{ schema: string; name: string }[]> {
  return session.rows(`
    SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm', 'p') AND NOT c.relispartition AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY c.relpages DESC, 1, 2`);
}
