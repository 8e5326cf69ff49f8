import type { Epoch } from '../../domain/cluster/epoch.ts';
import type { Catalog } from '../open-catalog.ts';

export interface RoleChange {
  readonly epoch: Epoch;
  readonly operation: string;
  /** Null: the first primary. */
  readonly fromNode: string | null;
  readonly toNode: string;
  /** Ordered by the watcher, not by a person. */
  readonly automatic: boolean;
  readonly timeline: number | null;
}

/** Again for the same epoch changes nothing. */
export async function recordRoleChange(catalog: Catalog, cluster: string, change: RoleChange): Promise<void> {
  await catalog.sessions.use((session) =>
    session.execute(
      `INSERT INTO pgconvoy.cluster_role_change (cluster, epoch, operation, from_node, to_node, automatic, timeline) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (cluster, epoch) DO NOTHING`,
      [cluster, change.epoch, change.operation, change.fromNode, change.toNode, change.automatic, change.timeline],
    ),
  );
}

/** Newest first, with ages by the catalog's clock; the first primary is no change. */
export const listRoleChanges = (catalog: Catalog, cluster: string, limit = 20): Promise<(RoleChange & { readonly ageMs: number })[]> =>
  catalog.sessions.use((session) =>
    session.rows(
      `SELECT epoch, operation, from_node AS "fromNode", to_node AS "toNode", automatic, timeline, (extract(epoch FROM clock_timestamp() - at) * 1000)::float8 AS "ageMs"
       FROM pgconvoy.cluster_role_change WHERE cluster = $1 AND from_node IS NOT NULL ORDER BY cluster_role_change.epoch DESC LIMIT $2`,
      [cluster, limit],
    ),
  );
