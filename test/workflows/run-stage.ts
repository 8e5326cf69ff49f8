import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { heartbeat, sleep } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';

import type { Dependencies } from '../../activities/dependencies.ts';
import { createActivities } from '../../activities/index.ts';
import { step } from '../../activities/step.ts';
import { changeBackup, readBackup, recordBackup } from '../../catalog/backups.ts';
import { recordProof } from '../../catalog/backup-proofs.ts';
import { inventorySchema } from '../../config/inventory-schema.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { registerSearchAttributes } from '../../workers/search-attributes.ts';
import { workflowBundle } from '../../workers/workflow-bundle.ts';
import { CONTROL_QUEUE, DATA_QUEUE } from '../../workflows/messages.ts';
import { freshCatalog, type FreshCatalog } from '../catalog/fresh-catalog.ts';
import { startBedTemporal } from '../support/bed-temporal.ts';
import { uniqueName } from '../support/unique-name.ts';

/** What the steps that touch a PostgreSQL server do here instead; everything else is real. */
export interface Script {
  /** Called in the middle of a dump, when some of it is in the store. */
  onDump: (database: string) => Promise<void>;
  onProof: (backupId: string) => Promise<readonly string[]>;
  onRestore: (backupId: string) => Promise<void>;
}

export interface RunStage extends AsyncDisposable {
  readonly catalog: FreshCatalog['catalog'];
  readonly store: ObjectStore;
  readonly client: Client;
  readonly script: Script;
}

const POLICIES = {
  nightly: { server: 'shop', databases: ['shop', 'blog'], retention: { keepLast: 1, minimumProven: 1 } },
  unproven: { server: 'shop', databases: ['shop'], proof: { after: 'never' } },
};

// Failed steps are what these tests are about.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** A real catalog, Temporal server and worker, with scripted steps where a database would be read or written. */
export async function openRunStage(): Promise<RunStage> {
  await using made = new AsyncDisposableStack();
  const folder = join(inject('runFolder'), uniqueName('stage'));
  await mkdir(folder);
  made.defer(() => rm(folder, { recursive: true }));
  const temporal = made.use(await startBedTemporal(folder));
  const { catalog } = made.use(await freshCatalog());
  const store = memoryStore();
  const script: Script = { onDump: () => Promise.resolve(), onProof: () => Promise.resolve([]), onRestore: () => Promise.resolve() };
  const inventory = inventorySchema.parse({ version: 1, servers: { shop: { host: 'nowhere', user: 'nobody' } }, stores: { default: { kind: 'directory', path: '/nowhere' } }, backups: POLICIES });
  const deps = { catalog, inventory: () => inventory, server: () => ({}), store: () => store, keys: () => [], cores: 1 } as unknown as Dependencies;
  const activities = { ...createActivities(deps), ...scriptedSteps({ catalog, store, script }) };
  const native = await NativeConnection.connect({ address: temporal.address });
  made.defer(() => native.close());
  await registerSearchAttributes(native, 'default');
  const base = { connection: native, activities, maxHeartbeatThrottleInterval: '100ms', defaultHeartbeatThrottleInterval: '100ms' } as const;
  const workers = [await Worker.create({ ...base, taskQueue: CONTROL_QUEUE, workflowBundle: await workflowBundle() }), await Worker.create({ ...base, taskQueue: DATA_QUEUE })];
  const running = Promise.all(workers.map((worker) => worker.run()));
  made.defer(async () => {
    for (const worker of workers) worker.shutdown();
    await running;
  });
  const connection = await Connection.connect({ address: temporal.address });
  made.defer(() => connection.close());
  const parts = made.move();
  return { catalog, store, script, client: new Client({ connection }), [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}

/** As it was at first. */
export async function emptyStage({ catalog, store, script }: RunStage): Promise<void> {
  Object.assign(script, { onDump: () => Promise.resolve(), onProof: () => Promise.resolve([]), onRestore: () => Promise.resolve() });
  for (const table of ['backup_deletion', 'backup_proof', 'backup', 'backup_lock', 'run']) await catalog.sessions.use((session) => session.execute(`DELETE FROM pgconvoy.${table}`));
  await store.deleteMany(await namesIn(store));
}

function scriptedSteps({ catalog, store, script }: Pick<RunStage, 'catalog' | 'store' | 'script'>) {
  let count = 0;
  return {
    beginBackup: step(async ({ runId, policy, database }: { runId: string; policy: string; database: string }) => {
      const backupId = `20261120T02000${count}Z-0000000${count++}`;
      const row = await recordBackup(catalog, { backupId, runId, policy, server: 'shop', systemId: '7', database, store: 'default', prefix: `7/${database}/${backupId}/`, wrappedKey: null, keyId: null });
      return { backupId: row.backupId, prefix: row.prefix };
    }),
    dumpDatabase: step(async ({ backupId }: { backupId: string }) => {
      const { prefix, database } = await readBackup(catalog, backupId);
      heartbeat({ doing: 'dumping', rawBytes: 5, storedBytes: 3 });
      await put(store, `${prefix}files/toc.dat`);
      await script.onDump(database);
      await put(store, `${prefix}manifest.json`);
      await changeBackup(catalog, backupId, { state: 'stored', snapshotAt: new Date().toISOString(), storedBytes: 3, rawBytes: 5, rows: 2 });
      return { backupId, storedBytes: 3, rawBytes: 5, tables: 1, rows: 2, seconds: 0.5, manifestSha256: 'ab' };
    }),
    proveBackup: step(async ({ backupId, runId }: { backupId: string; runId: string }) => {
      const reasons = await script.onProof(backupId);
      const verdict = reasons.length === 0 ? 'proven' : 'rejected';
      await recordProof(catalog, { backupId, runId, verdict, evidence: { reasons: [...reasons] }, seconds: { restore: 1 }, signature: null });
      await changeBackup(catalog, backupId, { state: verdict, restoreSeconds: 1 });
      return { verdict, reasons, seconds: { restore: 1, compare: 0.5 } };
    }),
    restoreDatabase: step(async ({ backupId }: { backupId: string }) => {
      await script.onRestore(backupId);
      return { backupId, rows: 2, bytes: 5, tables: 1, seconds: 0.5, passwordNeeded: [], leftOut: [], subscriptions: [], jobs: [], resumed: null };
    }),
  };
}

/** Waits as a step does that is under way, until it is cancelled. */
export async function untilCancelled(): Promise<never> {
  for (;;) {
    heartbeat();
    await sleep(50);
  }
}

async function put(store: ObjectStore, name: string): Promise<void> {
  await store.delete(name);
  await store.put({ name, content: (async function* () { await Promise.resolve(); yield Buffer.from(name); })() });
}

/** Names in the order of the store. */
export async function namesIn(store: ObjectStore, prefix = ''): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list(prefix)) names.push(name);
  return names;
}
