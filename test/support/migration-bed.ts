import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { inject } from 'vitest';

import { type Catalog, openCatalog } from '../../catalog/open-catalog.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { createRentalShop, ensureShopRoles } from '../../scripts/data/rental-shop.ts';
import { type BedMigration, bedMigration } from './bed-migration.ts';
import { type BedTemporal, startBedTemporal } from './bed-temporal.ts';
import { type BedWorker, startBedWorker } from './bed-worker.ts';
import { type PrivateServer, privateServer } from './cluster.ts';
import { catalogReference, serverEntry } from './inventory-files.ts';
import { freshDatabase, testServer } from './postgres.ts';
import { uniqueName } from './unique-name.ts';

/** Two servers, a catalog, a Temporal server: all that migrations need but a worker, which tests start and kill themselves. */
export interface MigrationBed extends AsyncDisposable {
  readonly folder: string;
  readonly source: PrivateServer;
  readonly target: PrivateServer;
  readonly temporal: BedTemporal;
  readonly catalog: Catalog;
  readonly catalogPlace: { readonly server: ServerAddress; readonly name: string };
  readonly client: Client;
  /** Of the role `shop_app`, on the source and, once its role has come over, on the target. */
  readonly applicationPassword: Secret;
  readonly inventoryFile: string;
  startWorker(args?: readonly string[]): Promise<BedWorker>;
  /** A database on the source to migrate, and its entry in the inventory. */
  migration(wish?: MigrationWish): Promise<BedMigration>;
  /** Writes the inventory anew with other fields of a server, for example a wrong password; gives what takes that back. */
  changeServer(name: 'source' | 'target', fields: Readonly<Record<string, unknown>>): Promise<() => Promise<void>>;
}

export interface MigrationWish {
  /** Fields of the migration's entry in the inventory, over those of {@link entryOf}. */
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly cutover?: Readonly<Record<string, unknown>>;
  /** SQL that is run in the new database, for example to add a large table. */
  readonly sql?: string;
}

export interface BedWish {
  readonly from?: number;
  readonly to?: number;
  readonly sourceSettings?: Readonly<Record<string, string | number | boolean>>;
  readonly targetSettings?: Readonly<Record<string, string | number | boolean>>;
  /** What the worker's passwords are, to be looked for afterwards. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether Temporal serves its web page. */
  readonly ui?: boolean;
}

/** Small enough for a copy of two seconds, large enough for several parcels. */
const SHOP_BYTES = 14 * 2 ** 20;
const TEMPLATE = 'shop_template';
/** A process that is killed loses nothing that it has written, flushed or not. */
const SETTINGS = { fsync: false, full_page_writes: false, wal_retrieve_retry_interval: '200ms', max_wal_size: '2GB', max_worker_processes: 20, max_prepared_transactions: 5 } as const;

export async function migrationBed(wish: BedWish = {}): Promise<MigrationBed> {
  await using made = new AsyncDisposableStack();
  const folder = join(inject('runFolder'), uniqueName('bed'));
  await mkdir(folder);
  made.defer(() => rm(folder, { recursive: true, force: true }));
  // Undone last to first: the folder goes when the server that is found by a file in it has ended.
  made.defer(() => rm(`${folder}-temporal`, { recursive: true, force: true }));
  const [source, target, temporal, database] = await Promise.all([
    privateServer(wish.from ?? 15, { settings: { ...SETTINGS, ...wish.sourceSettings } }).then((server) => made.use(server)),
    privateServer(wish.to ?? 18, { settings: { ...SETTINGS, ...wish.targetSettings } }).then((server) => made.use(server)),
    startBedTemporal(`${folder}-temporal`, wish).then((server) => made.use(server)),
    testServer(18).then(freshDatabase).then((one) => made.use(one)),
  ]);
  const applicationPassword = new Secret(uniqueName('application'));
  await createRentalShop({ server: source.server, database: TEMPLATE, bytes: SHOP_BYTES, applicationPassword });
  // A verifier of before 14 may be an md5 one, which the target of a test does not let in.
  if ((wish.from ?? 15) < 14) await ensureShopRoles(target.server, applicationPassword);
  const catalog = made.use(await openCatalog(database.server, database.name));
  const connection = await Connection.connect({ address: temporal.address });
  made.defer(() => connection.close());
  const inventory = await inventoryOf({ folder, source: source.server, target: target.server });
  const env = { WRONG_PASSWORD: 'not it', ...wish.env, TEMPORAL_ADDRESS: temporal.address, PGCONVOY_CATALOG: await catalogReference(folder, database), PGCONVOY_STATE: join(folder, 'state'), PGCONVOY_LOG_LEVEL: 'info' };
  const parts = made.move();
  let workers = 0;
  const bed: MigrationBed = {
    folder,
    source,
    target,
    temporal,
    catalog,
    catalogPlace: database,
    client: new Client({ connection }),
    applicationPassword,
    inventoryFile: inventory.file,
    startWorker: async (args) => {
      workers += 1;
      return parts.use(await startBedWorker({ folder: `${folder}-worker-${workers}`, inventory: inventory.file, env, args }));
    },
    migration: async ({ entry, cutover, sql } = {}) => {
      const name = uniqueName('shop');
      await makeDatabase(source.server, name, sql);
      const migration = await bedMigration(bed, name);
      await inventory.add(name, { ...entryOf(name), ...entry, cutover: { route: migration.route.entry, ...cutover } });
      return parts.use(migration);
    },
    changeServer: (name, fields) => inventory.change(name, fields),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
  return bed;
}

const entryOf = (database: string) => ({ source: 'source', target: 'target', database, mode: 'online', approval: 'none', commit: 'automatic' });

async function makeDatabase(server: ServerAddress, name: string, sql: string | undefined): Promise<void> {
  await using session = await connect(server, { purpose: 'test' });
  await session.execute(`CREATE DATABASE ${quoteIdent(name)} OWNER shop_owner TEMPLATE ${TEMPLATE}`);
  if (sql === undefined) return;
  await using inside: Session = await connect(server, { purpose: 'test', database: name });
  await inside.execute(sql);
}

async function inventoryOf({ folder, source, target }: { folder: string; source: ServerAddress; target: ServerAddress }) {
  const file = join(folder, 'pgconvoy.yaml');
  const servers: Record<string, object> = { source: await serverEntry(folder, source), target: await serverEntry(folder, target) };
  const migrations: Record<string, object> = {};
  const write = (): Promise<void> => writeFile(file, stringify({ version: 1, servers, migrations }));
  await write();
  return {
    file,
    add: async (name: string, entry: object): Promise<void> => {
      migrations[name] = entry;
      await write();
    },
    change: async (name: string, fields: object): Promise<() => Promise<void>> => {
      const before = servers[name] ?? {};
      servers[name] = { ...before, ...fields };
      await write();
      return async () => {
        servers[name] = before;
        await write();
      };
    },
  };
}
