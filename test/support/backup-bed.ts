import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { stringify } from 'yaml';

import { type Catalog, openCatalog } from '../../catalog/open-catalog.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { newBackupKey } from '../../storage/archive/key.ts';
import { fillShop } from './backup-shop.ts';
import { startBedTemporal, type BedTemporal } from './bed-temporal.ts';
import { type BedWorker, startBedWorker } from './bed-worker.ts';
import { dropDatabase } from './drop-database.ts';
import { freshDatabase, testServer } from './postgres.ts';
import { uniqueName } from './unique-name.ts';

/** A server with databases, a store, a catalog, a Temporal server: all that backups need but a worker, which tests start and kill themselves. */
export interface BackupBed extends AsyncDisposable {
  readonly folder: string;
  readonly server: ServerAddress;
  readonly temporal: BedTemporal;
  readonly catalog: Catalog;
  readonly catalogPlace: { readonly server: ServerAddress };
  readonly client: Client;
  readonly storeFolder: string;
  /** Base64, as it stands in its file. */
  readonly key: string;
  /** For commands and workers. */
  readonly env: Readonly<Record<string, string>>;
  readonly inventoryFile: string;
  startWorker(args?: readonly string[]): Promise<BedWorker>;
  /** A database with something of everything, and what `sql` adds. */
  database(sql?: string): Promise<string>;
  /** Adds a policy to the inventory; sealed by a key unless it says otherwise. */
  policy(name: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Names of all files in the store, blocks that were only staged among them. */
  storedFiles(): Promise<string[]>;
  /** Removes a database at the end that a restore has made. */
  dropAtEnd(database: string): void;
}

export interface BackupBedWish {
  readonly major?: number;
  /** Instead of the server that all tests share. */
  readonly server?: ServerAddress;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of a folder. */
  readonly store?: Readonly<Record<string, unknown>>;
  /** Instead of the superuser of the tests: a role that is there, with a password of its own. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly ui?: boolean;
}

export async function backupBed(wish: BackupBedWish = {}): Promise<BackupBed> {
  await using made = new AsyncDisposableStack();
  const folder = join(inject('runFolder'), uniqueName('backup-bed'));
  await mkdir(folder);
  made.defer(() => rm(folder, { recursive: true, force: true }));
  made.defer(() => rm(`${folder}-temporal`, { recursive: true, force: true }));
  const [server, temporal, catalogDatabase] = await Promise.all([
    wish.server ?? testServer(wish.major ?? 15),
    startBedTemporal(`${folder}-temporal`, { ui: wish.ui ?? false }).then((one) => made.use(one)),
    testServer(18).then(freshDatabase).then((one) => made.use(one)),
  ]);
  const catalog = made.use(await openCatalog(catalogDatabase.server, catalogDatabase.name));
  const connection = await Connection.connect({ address: temporal.address });
  made.defer(() => connection.close());
  const storeFolder = join(folder, 'store');
  const key = newBackupKey().reveal();
  const policies: Record<string, object> = {};
  const inventoryFile = join(folder, 'pgconvoy.yaml');
  const secretFile = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return `file:${join(folder, name)}`;
  };
  const { host, port, user, password } = server;
  const login = wish.login ?? { user, password: password?.reveal() ?? '' };
  const servers = { shop: { host, port, user: login.user, password: await secretFile('password', login.password), tls: { mode: 'disable' } } };
  const keys = { nightly: await secretFile('backup.key', key) };
  const write = (): Promise<void> => writeFile(inventoryFile, stringify({ version: 1, servers, keys, stores: { disk: wish.store ?? { kind: 'directory', path: storeFolder } }, backups: policies }));
  await write();
  const { server: at, name: catalogName } = catalogDatabase;
  const catalogUrl = `postgres://${at.user}:${at.password?.reveal()}@${at.host}:${at.port}/${catalogName}?sslmode=disable`;
  const env = { TEMPORAL_ADDRESS: temporal.address, PGCONVOY_CATALOG: await secretFile('catalog-url', catalogUrl), PGCONVOY_STATE: join(folder, 'state'), PGCONVOY_LOG_LEVEL: 'info', PGCONVOY_INVENTORY: inventoryFile, ...wish.env };
  const parts = made.move();
  const dropAtEnd = (database: string): void => parts.defer(async () => await dropDatabase(server, database));
  let workers = 0;
  return {
    folder,
    server,
    temporal,
    catalog,
    catalogPlace: catalogDatabase,
    client: new Client({ connection }),
    storeFolder,
    key,
    env,
    inventoryFile,
    startWorker: async (args) => {
      workers += 1;
      return parts.use(await startBedWorker({ folder: `${folder}-worker-${workers}`, inventory: inventoryFile, env, args }));
    },
    database: async (sql) => {
      const name = `${uniqueName('shop')}-${randomBytes(2).toString('hex')}`;
      await using session = await connect(server, { purpose: 'test' });
      await session.execute(`CREATE DATABASE ${quoteIdent(name)}`);
      dropAtEnd(name);
      await using inside = await connect(server, { purpose: 'test', database: name });
      await fillShop(inside);
      if (sql !== undefined) await inside.execute(sql);
      return name;
    },
    policy: async (name, fields) => {
      policies[name] = { server: 'shop', store: 'disk', encryption: 'nightly', retention: { keepLast: 2, minimumProven: 1 }, staging: { folder: join(folder, 'staging'), limit: '64MB' }, ...fields };
      await write();
    },
    storedFiles: async () => (await readdir(storeFolder, { recursive: true, withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(storeFolder.length + 1)),
    dropAtEnd,
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}
