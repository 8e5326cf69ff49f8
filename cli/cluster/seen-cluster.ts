import type { Command } from 'commander';

import { type ClusterWords, openAsker } from '../../catalog/cluster/asker.ts';
import { highestEpoch } from '../../catalog/cluster/epochs.ts';
import { clusterHolder, type ClusterLock } from '../../catalog/cluster/lock.ts';
import { listNodes, type RegisteredNode, readSystemIdentifier } from '../../catalog/cluster/nodes.ts';
import { type KeptPause, readPause } from '../../catalog/cluster/pause.ts';
import { listRoleChanges, type RoleChange } from '../../catalog/cluster/role-changes.ts';
import type { Catalog } from '../../catalog/open-catalog.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import type { ClusterPlan } from '../../domain/cluster/cluster.ts';
import type { Finding } from '../../domain/cluster/finding.ts';
import type { ClusterPicture } from '../../domain/cluster/show/picture.ts';
import { problemsOf } from '../../domain/cluster/show/problems.ts';
import { OperationError } from '../../domain/errors.ts';
import { globalOptions } from '../output.ts';

/** A cluster as it is wanted, as it is registered, and as its agents see it now. */
export interface SeenCluster {
  readonly plan: ClusterPlan;
  /** Null: nobody has registered it yet. */
  readonly systemIdentifier: string | null;
  readonly registered: readonly RegisteredNode[];
  readonly picture: ClusterPicture;
  readonly words: ClusterWords;
  readonly problems: readonly Finding[];
  /** Of automatic failover, when one is in force. */
  readonly pause: KeptPause | null;
  readonly holder: ClusterLock | null;
  readonly lastChange: (RoleChange & { readonly ageMs: number }) | null;
  readonly epoch: number | null;
}

/** Twice what an agent needs to find that somebody does not answer. */
const ANSWER_MS = 2500;

export const inventoryOf = (command: Command): ReturnType<typeof loadInventory> => loadInventory(findInventory(globalOptions(command).inventory));

/** Asks every agent once, through the catalog; Temporal is not needed. Throws `name_unknown`. */
export async function seeCluster(command: Command, catalog: Catalog, cluster: string): Promise<SeenCluster> {
  const inventory = inventoryOf(command);
  planOfCluster(inventory, cluster);
  const registered = await listNodes(catalog, cluster);
  const plan = planOfCluster(inventory, cluster, registered.map(({ declaration }) => declaration));
  await using asker = await openAsker(catalog, cluster);
  const words = await asker.askAll(plan.nodes.map(({ name }) => name), ANSWER_MS);
  const [systemIdentifier, pause, holder, changes, epoch] = await Promise.all([readSystemIdentifier(catalog, cluster), readPause(catalog, cluster), clusterHolder(catalog, cluster), listRoleChanges(catalog, cluster, 1), highestEpoch(catalog, cluster)]);
  const picture: ClusterPicture = {
    nodes: plan.nodes.map((declaration) => ({ declaration, report: words.reports.find(({ observer }) => observer === declaration.name) ?? null })),
    outsideMachines: [...new Set([...words.machines].filter(([observer]) => !plan.nodes.some(({ name }) => name === observer)).map(([, machine]) => machine))],
    automaticFailover: plan.watch.automatic,
    limits: { freshMs: Math.max(plan.watch.freshMs, 2 * ANSWER_MS), ...plan.limits },
    now: asker.now(),
  };
  const inForce = pause !== undefined && pause.resumedAgoMs === null && pause.ageMs < pause.forMs ? pause : null;
  return { plan, systemIdentifier: systemIdentifier ?? null, registered, picture, words, problems: problemsOf(picture), pause: inForce, holder: holder ?? null, lastChange: changes[0] ?? null, epoch };
}

/** Throws `cluster_unknown`. */
export async function assertRegistered(catalog: Catalog, cluster: string): Promise<string> {
  const known = await readSystemIdentifier(catalog, cluster);
  if (known !== undefined) return known;
  throw new OperationError('cluster_unknown', `cluster "${cluster}" is not registered`);
}
