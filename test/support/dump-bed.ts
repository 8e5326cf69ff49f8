import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { inject } from 'vitest';

import { type BeginBackupOrder, nameBackup } from '../../activities/backup/begin-backup.ts';
import { storeDump, type StoredDump } from '../../activities/backup/dump-database.ts';
import { DumpTelling } from '../../activities/backup/dump-telling.ts';
import type { DumpDependencies } from '../../activities/backup/take-dump.ts';
import { type BackupRow, readBackup } from '../../catalog/backups.ts';
import { openCatalog } from '../../catalog/open-catalog.ts';
import { type BackupEntry, inventorySchema } from '../../config/inventory-schema.ts';
import type { BackupManifest } from '../../domain/backup/manifest.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { type BackupKey, newBackupKey, openBackupKey } from '../../storage/archive/key.ts';
import { readFile } from '../../storage/archive/read-file.ts';
import { readManifest } from '../../storage/archive/read-manifest.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { freshDatabase, testServer } from './postgres.ts';
import { testClients } from './small-backup.ts';
import { uniqueName } from './unique-name.ts';

export interface DumpBedWish {
  readonly source: ServerAddress;
  readonly store?: ObjectStore;
  /** Fields of the policy, over the defaults. */
  readonly policy?: Partial<BackupEntry>;
  readonly sealed?: boolean;
  /** 32 bytes in base64; a new one, when absent. */
  readonly key?: Secret;
  readonly staging?: { readonly folder: string; readonly limitBytes: number };
  readonly clients?: DumpDependencies['clients'];
}

/** All that a dump needs, around real servers: a catalog, a store, a staging folder. */
export interface DumpBed extends AsyncDisposable {
  readonly deps: DumpDependencies & { readonly key: (name: string) => BackupKey };
  readonly store: ObjectStore;
  readonly stagingFolder: string;
  readonly catalogPlace: { readonly server: ServerAddress; readonly name: string };
  begin(database: string, runId?: string): Promise<string>;
  dump(backupId: string, signal?: AbortSignal, telling?: DumpTelling): Promise<StoredDump>;
  row(backupId: string): Promise<BackupRow>;
  manifest(backupId: string): Promise<BackupManifest>;
  /** A file of the backup as pg_dump wrote it, read back from the store. */
  file(backupId: string, name: string): Promise<Buffer>;
}

export const POLICY = 'nightly';

export async function dumpBed(wish: DumpBedWish): Promise<DumpBed> {
  await using made = new AsyncDisposableStack();
  const database = made.use(await freshDatabase(await testServer(18)));
  const catalog = made.use(await openCatalog(database.server, database.name));
  const stagingFolder = wish.staging?.folder ?? join(inject('runFolder'), uniqueName('staging'));
  await mkdir(stagingFolder, { recursive: true });
  made.defer(() => rm(stagingFolder, { recursive: true, force: true }));
  const store = wish.store ?? memoryStore();
  const key = openBackupKey(wish.key ?? newBackupKey());
  const policy = { server: 'source', databases: 'all', store: 'default', ...(wish.sealed === true ? { encryption: 'nightly' } : {}), ...wish.policy };
  const inventory = inventorySchema.parse({ version: 1, servers: { source: { host: wish.source.host, port: wish.source.port, user: wish.source.user } }, keys: { nightly: 'env:NEVER_READ' }, backups: { [POLICY]: policy } });
  const deps: DumpBed['deps'] = {
    catalog,
    inventory: () => inventory,
    server: () => wish.source,
    store: () => store,
    staging: () => ({ folder: stagingFolder, limitBytes: wish.staging?.limitBytes ?? 64 * 2 ** 20 }),
    key: () => key,
    keys: () => [key],
    clients: wish.clients ?? testClients,
    cores: 2,
  };
  const parts = made.move();
  const read = async (backupId: string): Promise<{ row: BackupRow; manifest: BackupManifest }> => {
    const row = await readBackup(catalog, backupId);
    return { row, manifest: await readManifest(store, row.prefix, [key], { backupId }) };
  };
  return {
    deps,
    store,
    stagingFolder,
    catalogPlace: database,
    begin: async (name, runId = uniqueName('run')) => (await nameBackup(deps, { runId, policy: POLICY, database: name } satisfies BeginBackupOrder)).backupId,
    dump: (backupId, signal = new AbortController().signal, telling = new DumpTelling()) => storeDump(deps, backupId, { signal, telling, first: false }),
    row: (backupId) => readBackup(catalog, backupId),
    manifest: async (backupId) => (await read(backupId)).manifest,
    file: async (backupId, name) => {
      const { row, manifest } = await read(backupId);
      const file = manifest.files.find((one) => one.name === name);
      if (file === undefined) throw new OperationError('object_missing', `file ${name} is not in the manifest`);
      const dataKey = row.wrappedKey === null ? undefined : key.unwrap(row.wrappedKey, backupId);
      const pieces: Buffer[] = [];
      for await (const piece of readFile({ store, prefix: row.prefix, backupId, file, dataKey, signal: new AbortController().signal })) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}
