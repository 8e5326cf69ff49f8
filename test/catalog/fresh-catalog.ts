import { openCatalog, type Catalog } from '../../catalog/open-catalog.ts';
import { freshDatabase, testServer, type FreshDatabase } from '../support/postgres.ts';

export interface FreshCatalog extends AsyncDisposable {
  readonly catalog: Catalog;
  readonly database: FreshDatabase;
}

/** An empty catalog of a test's own, on the newest major. */
export async function freshCatalog(): Promise<FreshCatalog> {
  const database = await freshDatabase(await testServer(18));
  const catalog = await openCatalog(database.server, database.name);
  const dispose = async (): Promise<void> => {
    await catalog.close();
    await database.drop();
  };
  return { catalog, database, [Symbol.asyncDispose]: dispose };
}
