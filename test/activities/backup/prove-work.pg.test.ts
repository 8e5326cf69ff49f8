import { globSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openLocal, openNamed } from '../../../activities/backup/prove-place.ts';
import { type ProofFindings, type ProofOrder, proveWork } from '../../../activities/backup/prove-work.ts';
import { postgresFolders } from '../../../config/program-folders.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { OperationError } from '../../../domain/errors.ts';
import { connect } from '../../../postgres/connection.ts';
import { findInstallations, pickServer } from '../../../programs/postgres-installations.ts';
import { newBackupKey, openBackupKey } from '../../../storage/archive/key.ts';
import { directoryStore } from '../../../storage/directory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { fillShop } from '../../support/backup-shop.ts';
import { placeOfSmall } from '../../support/opened-backup.ts';
import { freshDatabase, type FreshDatabase, testServer } from '../../support/postgres.ts';
import { makeSmallBackup, type SmallBackup, type SmallBackupWish, testClients } from '../../support/small-backup.ts';
import { uniqueName } from '../../support/unique-name.ts';

const key = openBackupKey(newBackupKey());
let server: ServerAddress;
let folder: string;
let scratch: string;
let store: ObjectStore;
let source: FreshDatabase;
let whole: SmallBackup;

beforeAll(async () => {
  server = await testServer(15);
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-store-'));
  scratch = await mkdtemp(join(tmpdir(), 'pgconvoy-try-'));
  await chmod(scratch, 0o755); // as root, the server is another account's
  store = directoryStore(folder);
  source = await freshDatabase(server);
  await using session = await source.session();
  await fillShop(session);
  whole = await makeSmallBackup({ server, database: source.name }, { store, key });
});
afterAll(async () => {
  await source.drop();
  for (const one of [folder, scratch]) await rm(one, { recursive: true, force: true });
});

const installation = async (major: number) => pickServer(await findInstallations(postgresFolders()), major).installation;

const prove = async (backup: SmallBackup, wish: Partial<ProofOrder> = {}): Promise<ProofFindings> =>
  await proveWork({
    runId: uniqueName('run'),
    backup: placeOfSmall(store, backup, key),
    clients: testClients,
    open: async ({ manifest }) => await openLocal({ folder: scratch, installation: await installation(manifest.source.serverMajor), database: manifest.database, rawBytes: 1e6 }),
    smoke: [],
    amcheck: true,
    lanes: 3,
    signal: new AbortController().signal,
    tell: () => undefined,
    ...wish,
  });

/** A backup of the same database whose manifest says something else, signed all the same. */
let count = 0;
const edited = (edit: NonNullable<SmallBackupWish['edit']>): Promise<SmallBackup> => makeSmallBackup({ server, database: source.name }, { store, key, edit, backupId: `20261120T04${String((count += 1)).padStart(4, '0')}Z-0123abcd` });

describe('a good backup', () => {
  it('B63 is proven in a server that is gone afterwards', async () => {
    const smoke = [
      { name: 'orders', sql: 'SELECT count(*) FROM shop.orders', expect: 18824 },
      { name: 'anybody', sql: 'SELECT EXISTS (SELECT FROM shop.customer)', expect: true },
      { name: 'first', sql: 'SELECT name FROM shop.customer WHERE id = 1', expect: 'name 1' },
    ];
    const found = await prove(whole, { smoke });
    expect(found).toMatchObject({ reasons: [], where: 'local', tables: 9, largeObjects: 3, notes: [] });
    expect(found.serverVersion).toMatch(/^15\./);
    expect(found.structures).toBeGreaterThan(10);
    expect(found.rows).toBe(whole.manifest.tables.reduce((sum, table) => sum + table.rows, 0));
    expect(found.objects.find(({ kind }) => kind === 'INDEX')).toMatchObject({ wanted: 3, found: 3 });
    expect(Object.keys(found.seconds)).toEqual(['download', 'restore', 'compare', 'structures', 'smoke']);
    expect(globSync(join(scratch, '*'))).toEqual([]);
  });

  it('is proven on a server that is named, which is left as it was', async () => {
    const runId = uniqueName('run');
    expect(await prove(whole, { runId, open: () => openNamed(server, runId) })).toMatchObject({ reasons: [], where: server.name });
    await using session = await connect(server, { purpose: 'test' });
    // By the run: other tests restore to the same server.
    expect(await session.rows("SELECT datname FROM pg_database WHERE strpos(datname, $1) > 0", [runId])).toEqual([]);
  });
});

describe('a bad backup', () => {
  it('B8 is rejected for the table whose content is another one, although its file is a valid one', async () => {
    const swapped = await edited((manifest) => {
      const [twin, triplet] = ['twin', 'triplet'].map((name) => manifest.tables.find((table) => table.name === name)!);
      return { ...manifest, tables: manifest.tables.map((table) => (table === twin ? { ...twin, contentSha256: triplet!.contentSha256 } : table)) };
    });
    expect((await prove(swapped)).reasons).toEqual([expect.stringMatching(/^table other\.twin: its content differs: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}$/)]);
  });

  it('B6 is rejected for rows that were counted and are not there', async () => {
    const fewer = await edited((manifest) => ({ ...manifest, tables: manifest.tables.map((table) => (table.name === 'twin' ? { ...table, rows: 501 } : table)) }));
    expect((await prove(fewer)).reasons.join('\n')).toMatch(/rows of other\.twin: .*501 rows of table other\.twin were counted for the manifest and 500 are in file/);
  });

  it('is rejected for large objects that are missing', async () => {
    const more = await edited((manifest) => ({ ...manifest, largeObjects: 4 }));
    expect((await prove(more)).reasons).toEqual(['large objects: expected 4, found 3']);
  });

  it('is rejected by a smoke query with another answer, or one that the server refuses; a query can change nothing', async () => {
    const smoke = [
      { name: 'too few', sql: 'SELECT count(*) FROM shop.orders', expect: 5 },
      { name: 'typed badly', sql: 'SELECT nothing FROM nowhere', expect: 1 },
      { name: 'writes', sql: 'DELETE FROM shop.orders RETURNING 1', expect: 1 },
      { name: 'two in one', sql: 'COMMIT; SELECT 1', expect: 1 },
    ];
    const { reasons } = await prove(whole, { smoke });
    expect(reasons).toHaveLength(4);
    expect(reasons[0]).toBe('smoke query too few: expected 5, found 18824');
    expect(reasons[1]).toMatch(/^smoke query typed badly: .*relation "nowhere" does not exist/);
    expect(reasons[2]).toMatch(/^smoke query writes: .*read-only transaction/);
    expect(reasons[3]).toMatch(/^smoke query two in one: .*multiple commands/);
  });
});

describe('trouble that is not the backup’s', () => {
  it('B63 of the server is thrown, to be tried again, and rejects nothing', async () => {
    const killed = prove(whole, {
      open: async ({ manifest }) => {
        const place = await openLocal({ folder: scratch, installation: await installation(15), database: manifest.database, rawBytes: 1e6 });
        await using session = await connect(place.server, { purpose: 'test' });
        await session.execute("COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID; kill -9 $(head -1 postmaster.pid)'").catch(() => undefined);
        return place;
      },
    });
    await expect(killed).rejects.toMatchObject({ code: expect.stringMatching(/^(server_unreachable|connection_lost)$/) as string });
    expect(globSync(join(scratch, '*'))).toEqual([]);
  });

  it('B63 of a server of another major, which has other texts for some values, is said before anything is compared', async () => {
    const newer = await testServer(18);
    const runId = uniqueName('run');
    await expect(prove(whole, { runId, open: () => openNamed(newer, runId) })).rejects.toMatchObject({ code: 'preflight_failed', message: expect.stringContaining('of PostgreSQL 15 cannot be proven on server pg18') as string });
  });

  it('B63 of the disk is thrown before anything is begun', async () => {
    const full = prove(whole, { open: async ({ manifest }) => await openLocal({ folder: scratch, installation: await installation(15), database: manifest.database, rawBytes: 1e15 }) });
    await expect(full).rejects.toMatchObject({ code: 'disk_full' });
  });

  it('B63 of the store is thrown', async () => {
    const { backupId } = whole;
    const flaky: ObjectStore = { ...store, get: (name, range, signal) => (name.endsWith('.sealed') ? broken(name) : store.get(name, range, signal)) };
    await expect(prove(whole, { backup: { ...placeOfSmall(flaky, whole, key), backupId } })).rejects.toMatchObject({ code: 'store_failed' });
  });

  it('B41 of a key that is not listed is named as that, and not as damage', async () => {
    const other = openBackupKey(newBackupKey());
    await expect(prove(whole, { backup: { ...placeOfSmall(store, whole, key), keys: [other] } })).rejects.toMatchObject({ code: 'backup_key_missing', message: expect.stringContaining(key.keyId) as string });
    expect(await prove(whole, { backup: { ...placeOfSmall(store, whole, key), keys: [other, key] }, amcheck: false })).toMatchObject({ reasons: [], structures: null });
  });
});

async function* broken(name: string): AsyncGenerator<Uint8Array> {
  yield await Promise.reject(new OperationError('store_failed', `the store failed with object ${name}`));
}
