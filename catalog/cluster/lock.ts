import type { Catalog } from '../open-catalog.ts';
import { isoText } from '../timestamps.ts';

/** Who works on a cluster. */
export interface ClusterLock {
  readonly operation: string;
  readonly workflowId: string;
  /** For people: `switchover to n2`. */
  readonly purpose: string;
  /** ISO 8601, UTC, by the catalog's clock. */
  readonly takenAt: string;
}

const COLUMNS = `operation, workflow_id AS "workflowId", purpose, ${isoText('taken_at')} AS "takenAt"`;

/** Takes the cluster, and gives who has it: the operation itself, also when it had it before, or another that is in the way. */
export const takeCluster = (catalog: Catalog, cluster: string, wanted: Omit<ClusterLock, 'takenAt'>): Promise<ClusterLock> =>
  catalog.sessions.use((session) =>
    session.row<ClusterLock>(
      `INSERT INTO pgconvoy.cluster_lock AS held (cluster, operation, workflow_id, purpose) VALUES ($1, $2, $3, $4)
       ON CONFLICT (cluster) DO UPDATE SET cluster = excluded.cluster
       RETURNING ${COLUMNS}`,
      [cluster, wanted.operation, wanted.workflowId, wanted.purpose],
    ),
  );

/** Takes the cluster from an operation that had to give way, and from no other. */
export const seizeCluster = (catalog: Catalog, cluster: string, from: string, wanted: Omit<ClusterLock, 'takenAt'>): Promise<boolean> =>
  catalog.sessions.use(async (session) => (await session.execute('UPDATE pgconvoy.cluster_lock SET operation = $3, workflow_id = $4, purpose = $5, taken_at = clock_timestamp() WHERE cluster = $1 AND operation = $2', [cluster, from, wanted.operation, wanted.workflowId, wanted.purpose])) === 1);

export const releaseCluster = async (catalog: Catalog, cluster: string, operation: string): Promise<void> => {
  await catalog.sessions.use((session) => session.execute('DELETE FROM pgconvoy.cluster_lock WHERE cluster = $1 AND operation = $2', [cluster, operation]));
};

export const clusterHolder = (catalog: Catalog, cluster: string): Promise<ClusterLock | undefined> =>
  catalog.sessions.use((session) => session.maybeRow<ClusterLock>(`SELECT ${COLUMNS} FROM pgconvoy.cluster_lock WHERE cluster = $1`, [cluster]));
