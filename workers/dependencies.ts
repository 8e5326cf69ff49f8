import { availableParallelism } from 'node:os';

import type { Dependencies } from '../activities/dependencies.ts';
import { listNodes } from '../catalog/cluster/nodes.ts';
import { openCatalog, type Catalog } from '../catalog/open-catalog.ts';
import { catalogAddress } from '../config/catalog-address.ts';
import { baseDirOf, findInventory } from '../config/find-inventory.ts';
import { loadInventory } from '../config/inventory.ts';
import { postgresFolders } from '../config/program-folders.ts';
import { clusterPassword, nodeAddress, planOfCluster } from '../config/resolve-cluster.ts';
import { resolveKey, resolveKeys } from '../config/resolve-key.ts';
import { resolveServer } from '../config/resolve-server.ts';
import { resolveStaging } from '../config/resolve-staging.ts';
import { resolveStore } from '../config/resolve-store.ts';
import { resolveSecret } from '../config/secrets.ts';
import { findInstallations, pickClients, pickServer, type PostgresInstallation } from '../programs/postgres-installations.ts';
import { openBackupKey } from '../storage/archive/key.ts';
import { openStore } from '../storage/open-store.ts';

/** What the activities of this process work with; the caller closes the catalog. */
export async function buildDependencies(inventoryFlag: string | undefined): Promise<Dependencies> {
  const { address, database } = catalogAddress(inventoryFlag);
  return dependenciesWith(await openCatalog(address, database), inventoryFlag);
}

/** The same with a catalog that is there, or not yet. */
export function dependenciesWith(catalog: Catalog, inventoryFlag: string | undefined): Dependencies {
  const path = findInventory(inventoryFlag);
  const baseDir = baseDirOf(path);
  return {
    catalog,
    inventory: () => loadInventory(path),
    inventoryPath: path,
    inventoryFolder: baseDir,
    server: (name) => resolveServer(loadInventory(path), name, baseDir),
    secret: (reference) => resolveSecret({ reference, path: 'route' }, baseDir),
    store: (name) => openStore(resolveStore(loadInventory(path), name, baseDir)),
    staging: (policy) => resolveStaging(loadInventory(path), policy, baseDir),
    key: (name) => openBackupKey(resolveKey(loadInventory(path), name, baseDir)),
    keys: () => resolveKeys(loadInventory(path), baseDir).map(openBackupKey),
    ...rememberedPrograms(),
    cores: availableParallelism(),
    cluster: async (name) => planOfCluster(loadInventory(path), name, (await listNodes(catalog, name)).map(({ declaration }) => declaration)),
    node: (cluster, node) => nodeAddress(loadInventory(path), { cluster, node, baseDir }),
    clusterPassword: (cluster, login) => clusterPassword(loadInventory(path), { cluster, login, baseDir }),
  };
}

/** Every folder is asked by starting its programs, which takes longer than most steps: once, and again when the answer does not do. */
function rememberedPrograms(): Pick<Dependencies, 'clients' | 'servers'> {
  let found: readonly PostgresInstallation[] = [];
  const remembered = (pick: typeof pickClients) => async (major: number) => {
    try {
      return pick(found, major).installation;
    } catch {
      found = await findInstallations(postgresFolders());
      return pick(found, major).installation;
    }
  };
  return { clients: remembered(pickClients), servers: remembered(pickServer) };
}
