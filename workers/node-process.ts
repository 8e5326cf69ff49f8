import { setTimeout as sleep } from 'node:timers/promises';

import type { AgentLog } from '../agent/agent-parts.ts';
import type { NodeAgent } from '../agent/node-agent.ts';
import { catalogAt, migrateCatalog, type Catalog } from '../catalog/open-catalog.ts';
import { catalogAddress, type CatalogAddress } from '../config/catalog-address.ts';
import { startNodeAgent } from './node-agent.ts';
import { isNodeRole, nodeOf, type Role } from './roles.ts';

export interface NodeProcess extends AsyncDisposable {
  readonly catalog: Catalog;
  readonly agents: ReadonlyMap<Role, NodeAgent>;
}

const MIGRATE_AGAIN_MS = 2000;

/** Starts the agents of all node roles; neither Temporal nor the catalog has to be there. */
export async function startNodeProcess(order: { readonly roles: readonly Role[]; readonly inventory: string | undefined; readonly log: AgentLog; readonly signal: AbortSignal }): Promise<NodeProcess> {
  const place = catalogAddress(order.inventory);
  const catalog = catalogAt(place.address, place.database);
  void keepMigrating(catalog, place, order);
  const agents = await Promise.all(order.roles.filter(isNodeRole).map(async (role) => [role, await startNodeAgent({ ...order, node: nodeOf(role), catalog, place })] as const));
  return {
    catalog,
    agents: new Map<Role, NodeAgent>(agents),
    async [Symbol.asyncDispose]() {
      await Promise.all(agents.map(([, agent]) => agent.close()));
      await catalog.close();
    },
  };
}

async function keepMigrating(catalog: Catalog, place: CatalogAddress, { log, signal }: { readonly log: AgentLog; readonly signal: AbortSignal }): Promise<void> {
  for (let told = false; !signal.aborted; ) {
    try {
      return await migrateCatalog(catalog, place);
    } catch (error) {
      if (!told) log.warn({ reason: (error as Error).message }, 'the catalog cannot be opened yet');
      told = true;
      await sleep(MIGRATE_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
