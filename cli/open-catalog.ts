import type { Command } from 'commander';

import { openCatalog, type Catalog } from '../catalog/open-catalog.ts';
import { catalogAddress } from '../config/catalog-address.ts';
import { globalOptions } from './output.ts';

/** Runs `work` with the catalog that is configured, and closes it afterwards. */
export async function withCatalog<T>(command: Command, work: (catalog: Catalog) => Promise<T>): Promise<T> {
  const { address, database } = catalogAddress(globalOptions(command).inventory);
  await using catalog = await openCatalog(address, database);
  return await work(catalog);
}
