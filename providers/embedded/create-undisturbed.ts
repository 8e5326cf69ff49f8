import { existsSync, globSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';

import { type ClusterPlan, createCluster, type PostgresCluster } from '../../programs/postgres-cluster.ts';

/**
 * Creates a cluster; `keep` writes down what is needed to find it again. A mark stands beside the data while that goes on: what is found with the mark
 * is the half of a cluster that a killed creation left, and is ours to remove; whatever is found without it never is.
 */
export async function createUndisturbed(plan: ClusterPlan, keep: (cluster: PostgresCluster) => Promise<void>): Promise<PostgresCluster> {
  const mark = `${plan.dataDir}.being-made`;
  if (existsSync(mark)) {
    for (const left of [plan.dataDir, ...globSync(`${plan.dataDir}.initdb-*`)]) await rm(left, { recursive: true, force: true });
  } else if (!existsSync(plan.dataDir)) {
    await writeFile(mark, '');
  }
  const cluster = await createCluster(plan);
  await keep(cluster);
  await rm(mark, { force: true });
  return cluster;
}
