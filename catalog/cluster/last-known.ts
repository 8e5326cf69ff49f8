import type { LastServing } from '../../domain/cluster/failover/lost-primary.ts';
import type { Session } from '../../postgres/connection.ts';
import type { Catalog } from '../open-catalog.ts';

/**
 * Of each node of a cluster, what tells its newest word from the one before: whoever sees a mark for the first time knows that the agent got through to the
 * catalog no later than now. It is compared for being another, and never for being later.
 */
export async function readMarks(session: Session, cluster: string): Promise<Readonly<Record<string, string>>> {
  const rows = await session.rows<{ node: string; mark: string }>(
    `SELECT node, max(at)::text AS mark
     FROM (SELECT node, at FROM pgconvoy.cluster_report WHERE cluster = $1
           UNION ALL
           SELECT observer, at FROM pgconvoy.cluster_sighting WHERE cluster = $1) AS said (node, at)
     GROUP BY node`,
    [cluster],
  );
  return Object.fromEntries(rows.map(({ node, mark }) => [node, mark]));
}

/** The last report of a node that was of a primary; null when there is none. */
export async function readLastServing(session: Session, cluster: string, node: string): Promise<LastServing | null> {
  return (await session.maybeRow<LastServing>('SELECT serving AS report, serving_history AS history FROM pgconvoy.cluster_report WHERE cluster = $1 AND node = $2 AND serving IS NOT NULL', [cluster, node])) ?? null;
}

/** When a watcher last saw a cluster well. */
export interface KeptWell {
  readonly primary: string;
  /** Whether a standby that may be promoted streamed then. */
  readonly redundant: boolean;
  /** By the catalog's clock. */
  readonly ageMs: number;
}

export async function keepWell(session: Session, cluster: string, { primary, redundant }: Omit<KeptWell, 'ageMs'>): Promise<void> {
  await session.execute(
    `INSERT INTO pgconvoy.cluster_well (cluster, primary_node, redundant) VALUES ($1, $2, $3)
     ON CONFLICT (cluster) DO UPDATE SET primary_node = excluded.primary_node, redundant = excluded.redundant, at = clock_timestamp()`,
    [cluster, primary, redundant],
  );
}

export const readWell = (catalog: Catalog, cluster: string): Promise<KeptWell | undefined> =>
  catalog.sessions.use((session) =>
    session.maybeRow<KeptWell>('SELECT primary_node AS "primary", redundant, (extract(epoch FROM clock_timestamp() - at) * 1000)::float8 AS "ageMs" FROM pgconvoy.cluster_well WHERE cluster = $1', [cluster]),
  );
