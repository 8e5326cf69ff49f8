import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { stringify } from 'yaml';

import { migrationProgress, migrationResult, type MigrateDatabaseResult, orderMigration, startMigration } from '../../client/migrations.ts';
import type { MigrationProgress } from '../../domain/migration/progress.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { startBedTemporal } from '../support/bed-temporal.ts';
import { startBedWorker } from '../support/bed-worker.ts';
import { type PrivateServer, privateServer } from '../support/cluster.ts';
import { catalogReference, serverEntry } from '../support/inventory-files.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';
import { uniqueName } from '../support/unique-name.ts';

const PATIENCE_MS = 300_000;
const ASK_EVERY_MS = 50;

type ServerWish = Parameters<typeof privateServer>[1];

export interface RoadWish {
  readonly from: number;
  readonly source?: ServerWish;
  readonly target?: ServerWish;
}

/** Two servers without anything in them, and all that a migration from one to the other needs. */
export interface Road extends AsyncDisposable {
  readonly source: PrivateServer;
  readonly target: PrivateServer;
  readonly client: Client;
  readonly folder: string;
  /** Writes the inventory, begins with a worker if there is none, and migrates to the end. A problem that parks the run is thrown. */
  migrate(order: RoadOrder): Promise<MigrateDatabaseResult & { readonly progress: MigrationProgress }>;
}

export interface RoadOrder {
  readonly database: string;
  /** Fields of the migration's entry. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Fields of the servers' entries, over those of a superuser without TLS. */
  readonly servers?: { readonly source?: Readonly<Record<string, unknown>>; readonly target?: Readonly<Record<string, unknown>> };
  /** The longest wait for each of the stations of the run; five minutes, if not said otherwise. */
  readonly patienceMs?: number;
  /** What the application does while the rows are copied. */
  readonly whileCopying?: () => Promise<void>;
  /** What it does when the target follows, before the cutover is approved. */
  readonly whileFollowing?: () => Promise<void>;
}

/** No test asks whether a disk flushes; and as many locks and workers as anybody has by default. */
const SETTINGS = { fsync: false, full_page_writes: false, synchronous_commit: false, wal_retrieve_retry_interval: '200ms', max_wal_size: '2GB' } as const;

export async function openRoad(wish: RoadWish): Promise<Road> {
  await using made = new AsyncDisposableStack();
  const folder = join(inject('runFolder'), uniqueName('road'));
  await mkdir(folder);
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const [source, target, temporal, catalog] = await Promise.all([
    privateServer(wish.from, { ...wish.source, settings: { ...SETTINGS, ...wish.source?.settings } }).then((server) => made.use(server)),
    privateServer(18, { ...wish.target, settings: { ...SETTINGS, ...wish.target?.settings } }).then((server) => made.use(server)),
    startBedTemporal(`${folder}-temporal`).then((server) => made.use(server)),
    testServer(18).then((server) => freshDatabase(server)).then((database) => made.use(database)),
  ]);
  const connection = await Connection.connect({ address: temporal.address });
  made.defer(() => connection.close());
  const client = new Client({ connection });
  const inventory = join(folder, 'pgconvoy.yaml');
  const env = { TEMPORAL_ADDRESS: temporal.address, PGCONVOY_CATALOG: await catalogReference(folder, catalog), PGCONVOY_STATE: join(folder, 'state'), PGCONVOY_LOG_LEVEL: 'info' };
  const parts = made.move();
  let working = false;
  const migrate: Road['migrate'] = async (order) => {
    const migration = uniqueName('road').replaceAll('_', '-');
    const servers = { source: { ...(await serverEntry(folder, source.server)), ...order.servers?.source }, target: { ...(await serverEntry(folder, target.server)), ...order.servers?.target } };
    const entry = { source: 'source', target: 'target', database: order.database, approval: 'required', commit: 'automatic', ...order.entry };
    await writeFile(inventory, stringify({ version: 1, servers, migrations: { [migration]: entry } }));
    if (!working) parts.use(await startBedWorker({ folder: `${folder}-worker`, inventory, env }));
    working = true;
    return await drive(client, migration, order);
  };
  return { source, target, client, folder, migrate, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}

async function drive(client: Client, migration: string, order: RoadOrder): ReturnType<Road['migrate']> {
  const reach = async (what: string, reached: (progress: MigrationProgress) => boolean): Promise<MigrationProgress> => {
    const ask = async (): Promise<MigrationProgress | undefined> => {
      const progress = await migrationProgress(client, migration).catch(() => undefined);
      if (progress === undefined) return undefined;
      if (progress.state === 'failed') await migrationResult(client, migration);
      if (progress.state === 'parked') throw Object.assign(new Error(`${progress.problem?.message}: ${progress.problem?.detail}`), { code: progress.problem?.code });
      return reached(progress) ? progress : undefined;
    };
    const deadline = performance.now() + (order.patienceMs ?? PATIENCE_MS);
    for (let answer = await ask(); ; answer = await ask()) {
      if (answer !== undefined) return answer;
      if (performance.now() > deadline) throw new Error(`waited in vain for ${what}; it is now ${JSON.stringify(await migrationProgress(client, migration).catch(String))}`);
      await sleep(ASK_EVERY_MS);
    }
  };
  const begun = (progress: MigrationProgress, phase: string): boolean => progress.phases.some((row) => row.phase === phase && row.state !== 'waiting');
  await startMigration(client, { migration, requestedBy: 'the test' });
  if (order.whileCopying !== undefined) {
    await reach('the copy', (progress) => begun(progress, 'copy'));
    await order.whileCopying();
  }
  await reach('the question for approval', ({ state }) => state === 'waiting-for-approval');
  await order.whileFollowing?.();
  await orderMigration(client, migration, 'approve', { by: 'the test' });
  const progress = await reach('the end', ({ state }) => state === 'completed');
  return { ...(await migrationResult(client, migration)), progress };
}

/** Lets a superuser look into the source again, which a migration leaves closed. */
export async function openFenced(server: ServerAddress, database: string): Promise<void> {
  await using maintenance = await connect(server, { purpose: 'test' });
  await maintenance.execute(`ALTER DATABASE "${database}" ALLOW_CONNECTIONS true`);
}
