import { globSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { PostgresCluster } from '../../programs/postgres-cluster.ts';
import { killCluster, stopCluster } from '../../programs/postgres-control.ts';
import { startOf } from '../../programs/process-state.ts';

/** How every folder of a throwaway cluster begins. */
export const SCRATCH_PREFIX = 'pgconvoy-scratch-';
export const CLUSTER_FILE = 'cluster.json';
/** Whose work it is for: a process, told from another one of the same number by when it was started. */
export const OWNER_FILE = 'owner.json';

/** Stops a cluster, if there is one in the folder, and removes the folder; fine when it is gone. */
export async function endScratchCluster(folder: string): Promise<void> {
  const cluster = await readJson<PostgresCluster>(join(folder, CLUSTER_FILE));
  // Not killed, if that can be helped: a killed server leaves a piece of shared memory on the machine.
  if (cluster !== undefined) await stopCluster(cluster, 'immediate').catch(() => killCluster(cluster));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Ends the clusters of processes that were killed, and gives their folders; those of processes that live are left alone. */
export async function sweepScratchClusters(parent: string): Promise<string[]> {
  const swept: string[] = [];
  for (const folder of globSync(join(parent, `${SCRATCH_PREFIX}*`))) {
    const owner = await readJson<{ pid: number; startedAt: string }>(join(folder, OWNER_FILE));
    // Without a name in it, it is being made at this moment, or there is nothing in it.
    if (owner === undefined || (await startOf(owner.pid)) === owner.startedAt) continue;
    await endScratchCluster(folder);
    swept.push(folder);
  }
  return swept;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
