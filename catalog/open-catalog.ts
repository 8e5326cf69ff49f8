import { OperationError, type ErrorCode } from '../domain/errors.ts';
import type { ServerAddress } from '../domain/server.ts';
import { SessionPool } from '../postgres/pool.ts';
import { migrateSchema } from './migrate-schema.ts';

/** Steps are many and each question is short: a few sessions carry a worker's whole traffic. */
const POOL_SIZE = 4;
/** Who has a turn keeps its session for as long as that takes, while others go on asking. */
const TURNS = 64;

/** Our memory in Postgres. Its questions and orders are the functions of this folder. */
export interface Catalog extends AsyncDisposable {
  readonly sessions: SessionPool;
  /** For locks that are held while other work is done. */
  readonly turns: SessionPool;
  close(): Promise<void>;
}

/** Opens the catalog and brings its schema up to date. Throws `catalog_unreachable`, `catalog_too_new`, and what a refused login gives. */
export async function openCatalog(address: ServerAddress, database: string): Promise<Catalog> {
  const catalog = catalogAt(address, database);
  try {
    await migrateCatalog(catalog, { address, database });
  } catch (error) {
    await catalog.close();
    throw error;
  }
  return catalog;
}

/** Brings the schema up to date. Throws as {@link openCatalog} does. */
export async function migrateCatalog(catalog: Catalog, { address, database }: { readonly address: ServerAddress; readonly database: string }): Promise<void> {
  await catalog.sessions.use(migrateSchema).catch((error: unknown) => {
    throw asCatalogError(error, address, database);
  });
}

/** The catalog without a look at it: for an agent, which has to work while there is none. Its schema may be an old one until {@link migrateCatalog}. */
export function catalogAt(address: ServerAddress, database: string): Catalog {
  const sessions = new SessionPool(address, { database, purpose: 'catalog', size: POOL_SIZE });
  const turns = new SessionPool(address, { database, purpose: 'catalog-turn', size: TURNS });
  const close = async (): Promise<void> => {
    await Promise.all([sessions.close(), turns.close()]);
  };
  return { sessions, turns, close, [Symbol.asyncDispose]: close };
}

const UNREACHABLE: readonly ErrorCode[] = ['server_unreachable', 'connection_lost', 'too_many_connections'];

/** A server that is down is another matter when it is our own: the remedy is `pgconvoy up`, not a look at the firewall. */
function asCatalogError(error: unknown, address: ServerAddress, database: string): unknown {
  if (!(error instanceof OperationError) || !UNREACHABLE.includes(error.code)) return error;
  const place = `${address.host}:${address.port}`;
  return new OperationError('catalog_unreachable', `could not open the catalog in database ${database} at ${place}`, { detail: error.detail, cause: error });
}
