import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

import { createActivities } from '../../activities/index.ts';
import type { Dependencies } from '../../activities/dependencies.ts';
import { changeBackup, recordBackup, type NewBackup } from '../../catalog/backups.ts';
import { inventorySchema } from '../../config/inventory-schema.ts';
import { registerSearchAttributes } from '../../workers/search-attributes.ts';
import { workflowBundle } from '../../workers/workflow-bundle.ts';
import { CONTROL_QUEUE } from '../../workflows/messages.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { freshCatalog, type FreshCatalog } from '../catalog/fresh-catalog.ts';
import { startBedTemporal, type BedTemporal } from '../support/bed-temporal.ts';

export interface BackupStage extends AsyncDisposable {
  readonly catalog: FreshCatalog['catalog'];
  readonly store: ObjectStore;
  readonly client: Client;
  readonly temporal: BedTemporal;
}

const POLICY = { server: 'shop', databases: ['shop'], retention: { keepLast: 1, minimumProven: 1 } };

// Failed steps are what these tests are about.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** A real catalog, a real Temporal server and a worker in this process, over a store that the test can make fail. */
export async function openBackupStage(wrap: (store: ObjectStore) => ObjectStore = (store) => store): Promise<BackupStage> {
  const closing: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-stage-'));
  closing.push(() => rm(folder, { recursive: true }));
  const temporal = await startBedTemporal(folder);
  closing.push(async () => await temporal[Symbol.asyncDispose]());
  const fresh = await freshCatalog();
  closing.push(async () => await fresh[Symbol.asyncDispose]());
  const store = wrap(memoryStore());
  const inventory = inventorySchema.parse({ version: 1, servers: { shop: { host: 'nowhere', user: 'nobody' } }, stores: { default: { kind: 'directory', path: '/nowhere' } }, backups: { nightly: POLICY, other: POLICY, sealed: { ...POLICY, encryption: 'key' } } });
  const deps = { catalog: fresh.catalog, inventory: () => inventory, store: () => store, keys: () => [], cores: 1 } as unknown as Dependencies;
  const native = await NativeConnection.connect({ address: temporal.address });
  await registerSearchAttributes(native, 'default');
  const worker = await Worker.create({ connection: native, taskQueue: CONTROL_QUEUE, workflowBundle: await workflowBundle(), activities: createActivities(deps) });
  const running = worker.run();
  closing.push(async () => {
    worker.shutdown();
    await running;
    await native.close();
  });
  const connection = await Connection.connect({ address: temporal.address });
  closing.push(() => connection.close());
  const dispose = async (): Promise<void> => {
    for (const close of closing.toReversed()) await close();
  };
  return { catalog: fresh.catalog, store, client: new Client({ connection }), temporal, [Symbol.asyncDispose]: dispose };
}

export interface StoredBackup extends Partial<NewBackup> {
  readonly backupId: string;
  readonly snapshotAt: string;
  readonly state?: 'proven' | 'stored' | 'rejected' | 'failed' | 'created';
  readonly objects?: number;
}

/** A backup with objects in the store, as a run would have left it. */
export async function plantBackup({ catalog, store }: Pick<BackupStage, 'catalog' | 'store'>, plan: StoredBackup): Promise<NewBackup> {
  const { backupId, snapshotAt, state = 'proven', objects = 3, ...rest } = plan;
  const database = rest.database ?? 'shop';
  const backup: NewBackup = { backupId, runId: `run-${backupId}`, policy: 'nightly', server: 'shop', systemId: '7311', database, store: 'default', prefix: `7311/${encodeURIComponent(database)}/${backupId}/`, wrappedKey: null, keyId: null, ...rest };
  await recordBackup(catalog, backup);
  await changeBackup(catalog, backupId, { snapshotAt });
  await catalog.sessions.use((session) => session.execute('UPDATE pgconvoy.backup SET created_at = $2::timestamptz, state = $3 WHERE backup_id = $1', [backupId, snapshotAt, state]));
  for (const name of [...Array.from({ length: objects - 1 }, (_, index) => `files/${index}.dat.zst`), 'manifest.json']) await store.put({ name: backup.prefix + name, content: contentOf(name) });
  return backup;
}

async function* contentOf(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}

/** Names in the order of the store. */
export async function namesIn(store: ObjectStore, prefix = ''): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list(prefix)) names.push(name);
  return names;
}
