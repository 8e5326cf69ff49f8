import type { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteIdent, quoteLiteral } from '../../postgres/quoting.ts';
import { rowsFor, runSteps, type MeasuredSize, type SqlStep } from './sql-file.ts';

/** Roles belong to the server and not to the database, so a target needs them too. */
const ROLES = { shop_owner: 'NOLOGIN', shop_app: 'LOGIN', shop_report: 'NOLOGIN' } as const;

/** The oldest major that can hold the shop: keys of partitioned tables and hash partitions came with 11. */
export const OLDEST_SHOP_MAJOR = 11;

/** The role that the application logs in as. */
export const APPLICATION_ROLE = 'shop_app';

/** Measured with all indexes; the catalogs and empty partitions are the fixed part. */
const MEASURED: MeasuredSize = {
  bytes: 200 * 2 ** 20,
  fixedBytes: 9 * 2 ** 20,
  rows: {
    addresses: 6_000,
    stores: 12,
    staff: 60,
    customers: 20_000,
    actors: 4_000,
    films: 8_000,
    film_scripts: 500,
    inventory: 40_000,
    rentals: 345_000,
    reviews: 25_000,
    carts: 20_000,
  },
};

const STEPS: readonly SqlStep[] = [
  { title: 'generators', file: 'generators.sql' },
  { title: 'tables', file: 'rental-shop/tables.sql' },
  { title: 'films and people', file: 'rental-shop/catalogue.sql' },
  { title: 'rentals, payments and reviews', file: 'rental-shop/business.sql' },
  { title: 'keys and indexes', file: 'rental-shop/keys-and-indexes.sql' },
  { title: 'functions, triggers, views, grants', file: 'rental-shop/programs.sql' },
];

export interface RentalShop {
  readonly server: ServerAddress;
  /** Created here; must not exist. */
  readonly database: string;
  /** The wanted size of the database with its indexes; reached within about a tenth. */
  readonly bytes: number;
  /** The password of {@link APPLICATION_ROLE}; none where the server trusts. */
  readonly applicationPassword?: Secret;
  readonly onStep?: (title: string) => void;
}

/** Creates the rental-shop database: the same content for the same size on every major from 11. Needs a superuser. */
export async function createRentalShop(shop: RentalShop): Promise<void> {
  await ensureShopRoles(shop.server, shop.applicationPassword);
  {
    await using session = await connect(shop.server, { purpose: 'load' });
    await session.execute(`CREATE DATABASE ${quoteIdent(shop.database)} OWNER shop_owner TEMPLATE template0 ENCODING 'UTF8'`);
  }
  await using session = await connect(shop.server, { purpose: 'load', database: shop.database, settings: { role: 'shop_owner', synchronous_commit: 'off', work_mem: '64MB', maintenance_work_mem: '256MB' } });
  await runSteps(session, STEPS, { rows: rowsFor(shop.bytes, MEASURED), onStep: shop.onStep });
}

/** Makes the shop's roles where they are missing, and sets the application's password. */
export async function ensureShopRoles(server: ServerAddress, applicationPassword?: Secret): Promise<void> {
  await using session = await connect(server, { purpose: 'load' });
  for (const [role, login] of Object.entries(ROLES)) {
    const exists = await session.maybeRow('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [role]);
    if (exists === undefined) await session.execute(`CREATE ROLE ${quoteIdent(role)} ${login}`);
  }
  if (applicationPassword !== undefined) {
    await session.execute(`ALTER ROLE ${quoteIdent(APPLICATION_ROLE)} PASSWORD ${quoteLiteral(applicationPassword.reveal())}`);
  }
}
