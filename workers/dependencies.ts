import { availableParallelism } from 'node:os';

import type { Dependencies } from '../activities/dependencies.ts';
import { openCatalog } from '../catalog/open-catalog.ts';
import { catalogAddress } from '../config/catalog-address.ts';
import { baseDirOf, findInventory } from '../config/find-inventory.ts';
import { loadInventory } from '../config/inventory.ts';
import { postgresFolders } from '../config/program-folders.ts';
import { resolveServer } from '../config/resolve-server.ts';
import { resolveStore } from '../config/resolve-store.ts';
import { resolveSecret } from '../config/secrets.ts';
import { findInstallations, pickClients } from '../programs/postgres-installations.ts';
import { openStore } from '../storage/open-store.ts';

/** What the activities of this process work with; the caller closes the catalog. */
export async function buildDependencies(inventoryFlag: string | undefined): Promise<Dependencies> {
  const { address, database } = catalogAddress(inventoryFlag);
  const catalog = await openCatalog(address, database);
  const path = findInventory(inventoryFlag);
  const baseDir = baseDirOf(path);
  return {
    catalog,
    inventory: () => loadInventory(path),
    server: (name) => resolveServer(loadInventory(path), name, baseDir),
    secret: (reference) => resolveSecret({ reference, path: 'route' }, baseDir),
    store: (name) => openStore(resolveStore(loadInventory(path), name, baseDir)),
    clients: async (atLeastMajor) => pickClients(await findInstallations(postgresFolders()), atLeastMajor).installation,
    cores: availableParallelism(),
  };
}
