import { statSync } from 'node:fs';
import { join } from 'node:path';

import { recoverWindow } from '../activities/cluster/switchover/end-window.ts';
import type { AgentLog, CatalogPlace } from '../agent/agent-parts.ts';
import { RunningAgent } from '../agent/running-agent.ts';
import { appendAudit } from '../catalog/audit.ts';
import type { Catalog } from '../catalog/open-catalog.ts';
import { baseDirOf, findInventory } from '../config/find-inventory.ts';
import { loadInventory } from '../config/inventory.ts';
import type { Inventory } from '../config/inventory-schema.ts';
import { stateDir } from '../config/paths.ts';
import { postgresFolders } from '../config/program-folders.ts';
import { clusterOfNode, clusterPassword, nodeAddress, planOfCluster } from '../config/resolve-cluster.ts';
import { OperationError } from '../domain/errors.ts';
import { dependenciesWith } from './dependencies.ts';
import { findInstallations, newestServer, pickNodeServer, pickServer, type PostgresInstallation } from '../programs/postgres-installations.ts';

export interface AgentOrder {
  readonly node: string;
  readonly inventory: string | undefined;
  readonly catalog: Catalog;
  readonly place: CatalogPlace;
  readonly log: AgentLog;
}

/** Starts the agent of a node with what the inventory says of it. Throws `name_unknown`, `inventory_invalid`. */
export async function startNodeAgent({ node, inventory, catalog, place, log }: AgentOrder): Promise<RunningAgent> {
  const path = findInventory(inventory);
  const baseDir = baseDirOf(path);
  const read = rememberedInventory(path);
  const cluster = clusterOfNode(read(), node);
  return await RunningAgent.start({
    cluster,
    node,
    plan: (registered) => planOfCluster(read(), cluster, registered),
    address: (name) => nodeAddress(read(), { cluster, node: name, baseDir }),
    password: (login) => clusterPassword(read(), { cluster, login, baseDir }),
    installation: nodeInstallation,
    audit: (event) => appendAudit(catalog, event),
    catalog: place,
    stateDir: join(stateDir(), 'agents', node),
    recoverWindow: async (agent) => await recoverWindow(dependenciesWith(catalog, inventory), agent),
    log,
  });
}

/** Read again when the file has changed: the agent asks many times a second. */
function rememberedInventory(path: string): () => Inventory {
  let known: { readonly changedAt: number; readonly inventory: Inventory } | undefined;
  return () => {
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1;
    if (known?.changedAt !== changedAt) known = { changedAt, inventory: loadInventory(path) };
    return known.inventory;
  };
}

async function nodeInstallation(major: number | null, binDir: string | null): Promise<PostgresInstallation> {
  const found = await findInstallations(binDir === null ? postgresFolders() : [binDir]);
  try {
    return pickNodeServer(found, major).installation;
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== 'program_missing') throw error;
    // Without pg_rewind and its like the server can still be watched, stopped and started.
    return (major === null ? newestServer(found) : pickServer(found, major)).installation;
  }
}
