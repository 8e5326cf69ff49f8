import { OperationError, type ErrorCode } from '../domain/errors.ts';
import type { ServerAddress } from '../domain/server.ts';
import { SessionPool } from '../postgres/pool.ts';
import { migrateSchema } from './migrate-schema.ts';

/** Steps are many and each question is short: a few sessions carry a worker's whole traffic. */
const POOL_SIZE = 4;

/** Our memory in Postgres. Its questions and orders are the functions of this folder. */
export interface Catalog extends AsyncDisposable {
  readonly sessions: SessionPool;
  close(): Promise<void>;
}

/** Opens the catalog and brings its schema up to date. Throws `catalog_unreachable`, `catalog_too_new`, and what a refused login gives. */
export async function openCatalog(address: ServerAddress, database: string): Promise<Catalog> {
  const sessions = new SessionPool(address, { database, purpose: 'catalog', size: POOL_SIZE });
  try {
    await sessions.use(migrateSchema);
  } catch (error) {
    await sessions.close();
    throw asCatalogError(error, address, database);
  }
  const close = (): Promise<void> => sessions.close();
  return { sessions, close, [Symbol.asyncDispose]: close };
}

const UNREACHABLE: readonly ErrorCode[] = ['server_unreachable', 'connection_lost', 'too_many_connections'];

/** A server that is down is another matter when it is our own: the remedy is `pgconvoy up`, not a look at the firewall. */
function asCatalogError(error: unknown, address: ServerAddress, database: string): unknown {
  if (!(error instanceof OperationError) || !UNREACHABLE.includes(error.code)) return error;
  const place = `${address.host}:${address.port}`;
  return new OperationError('catalog_unreachable', `could not open the catalog in database ${database} at ${place}`, { detail: error.detail, cause: error });
}
