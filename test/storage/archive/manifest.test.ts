import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { describe, expect, it } from 'vitest';

import { canonicalJson, type Json, toJson } from '../../../domain/canonical-json.ts';
import { type BackupManifest, MANIFEST_NAME } from '../../../domain/backup/manifest.ts';
import { newDataKey } from '../../../storage/archive/data-key.ts';
import { newBackupKey, openBackupKey } from '../../../storage/archive/key.ts';
import { readManifest } from '../../../storage/archive/read-manifest.ts';
import { writeManifest } from '../../../storage/archive/write-manifest.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { BACKUP_ID, PREFIX, replace, stageAndCommit } from './archive-file.ts';

const key = openBackupKey(newBackupKey());
const NAME = PREFIX + MANIFEST_NAME;

type Content = Omit<BackupManifest, 'signature'>;

async function content(store: ObjectStore, more: Partial<Content> = {}): Promise<Content> {
  const dataKey = newDataKey();
  const files = [];
  for (const name of ['toc.dat', '3012.dat', '3013.dat']) files.push((await stageAndCommit({ store, dataKey, name, kind: name === 'toc.dat' ? 'toc' : 'data', content: Buffer.from(`${name}\n\\.\n\n\n`) })).staged.file);
  return {
    format: 'pgconvoy-backup/1', backupId: BACKUP_ID, policy: 'nightly', server: 'shop', database: 'shop', systemId: '7310000000000000001',
    source: { role: 'primary', serverVersion: '15.18', serverMajor: 15, clientVersion: '18.4', encoding: 'UTF8', collation: 'C', characterType: 'C', owner: 'shop', settings: ['work_mem=8MB'], extensions: [{ name: 'plpgsql', version: '1.0', schema: 'pg_catalog' }] },
    snapshot: { lsn: '0/1A2B3C4D', takenAt: '2026-11-20T02:00:00.123456Z' }, startedAt: '2026-11-20T02:00:00Z', finishedAt: '2026-11-20T02:01:00.5Z',
    archive: { format: 'directory', compression: 'zstd', jobs: 2 }, files,
    tables: [{ schema: 'public', name: 'orders', file: '3012.dat', columns: ['id', 'name'], rows: 1, contentSha256: hash('sha256', 'x') }, { schema: 'public', name: 'Orders "x"', file: null, columns: [], rows: 0, contentSha256: null }],
    largeObjects: 0, roles: ['shop'], encryption: { algorithm: 'AES-256-GCM', keyId: key.keyId, wrappedKey: key.wrap(dataKey, BACKUP_ID) }, ...more,
  };
}

async function written(more: Partial<Content> = {}): Promise<{ store: ObjectStore; manifest: BackupManifest; sha256: string }> {
  const store = memoryStore();
  return { store, ...(await writeManifest(store, PREFIX, await content(store, more), key)) };
}

/** What somebody writes who has no key, or has. */
async function forge(store: ObjectStore, change: (manifest: Record<string, Json>) => unknown, sign = false): Promise<void> {
  await replace(store, NAME, (bytes) => {
    const manifest = JSON.parse(bytes.toString()) as Record<string, Json>;
    const changed = (change(manifest) ?? manifest) as Record<string, Json>;
    const { signature: _, ...rest } = changed;
    if (sign) changed['signature'] = { algorithm: 'Ed25519', keyId: key.keyId, value: key.sign(canonicalJson(rest)) };
    return Buffer.from(canonicalJson(changed));
  });
}

const damagedBecause = (what: string): unknown => expect.objectContaining({ code: 'backup_damaged', detail: expect.stringContaining(what) as string });
const reading = async (store: ObjectStore, expectation = {}): Promise<BackupManifest> => await readManifest(store, PREFIX, [key], { backupId: BACKUP_ID, ...expectation });

it('reads what was written', async () => {
  const { store, manifest, sha256 } = await written();
  expect(await reading(store, { sha256, signed: true })).toEqual(manifest);
  expect(sha256).toBe(hash('sha256', await buffer(store.get(NAME))));
  expect(manifest.signature).toMatchObject({ algorithm: 'Ed25519', keyId: key.keyId });
});

it('reads one without encryption and signature, unless a signature is asked for', async () => {
  const store = memoryStore();
  const plain = await content(store);
  const files = plain.files.map((file) => ({ ...file, object: file.object.replace('.sealed', '') }));
  for (const { object, bytes } of files) await store.put({ name: PREFIX + object, content: Readable.from([Buffer.alloc(bytes)]) });
  const { manifest } = await writeManifest(store, PREFIX, { ...plain, files, encryption: null }, undefined);
  expect(manifest.signature).toBeNull();
  expect(await reading(store)).toEqual(manifest);
  await expect(reading(store, { signed: true })).rejects.toEqual(damagedBecause('It is not signed.'));
  await expect(reading(store, { signed: (policy: string | null) => policy === manifest.policy })).rejects.toEqual(damagedBecause('It is not signed.'));
});

it('B4 B20 is not there, whatever else is: no manifest, no backup', async () => {
  const { store } = await written();
  await store.delete(NAME);
  await expect(reading(store)).rejects.toMatchObject({ code: 'object_missing' });
});

it('B20 is written last: not while a file is missing, or shorter than it was committed', async () => {
  const store = memoryStore();
  const manifest = await content(store);
  await store.delete(PREFIX + manifest.files[1]!.object);
  await expect(writeManifest(store, PREFIX, manifest, key)).rejects.toMatchObject({ code: 'store_failed', detail: expect.stringContaining('It has no bytes') as string });
  await store.put({ name: PREFIX + manifest.files[1]!.object, content: Readable.from([Buffer.from('short')]) });
  await expect(writeManifest(store, PREFIX, manifest, key)).rejects.toMatchObject({ code: 'store_failed', detail: expect.stringContaining('It has 5 bytes') as string });
  expect(await store.stat(NAME)).toBeUndefined();
});

it('B20 B38 is written once and for all', async () => {
  const { store, sha256 } = await written();
  await expect(writeManifest(store, PREFIX, await content(memoryStore()), key)).rejects.toBeInstanceOf(Error);
  await expect(writeManifest(store, PREFIX, JSON.parse(JSON.stringify(await reading(store))) as Content, key)).rejects.toMatchObject({ code: 'object_exists' });
  await reading(store, { sha256 });
});

it('B41 says which key it needs', async () => {
  const { store } = await written();
  const other = openBackupKey(newBackupKey());
  await expect(readManifest(store, PREFIX, [other], { backupId: BACKUP_ID })).rejects.toMatchObject({ code: 'backup_key_missing', message: `the key ${key.keyId} of backup ${BACKUP_ID} is not in the inventory` });
  await expect(readManifest(store, PREFIX, [other, key], { backupId: BACKUP_ID })).resolves.toMatchObject({ backupId: BACKUP_ID });
});

describe('B8 a manifest that was edited', () => {
  it('is not the one that the catalog knows', async () => {
    const { store, sha256 } = await written();
    await forge(store, (manifest) => void (manifest['database'] = 'other'), true);
    await expect(reading(store, { sha256 })).rejects.toEqual(damagedBecause('Its SHA-256 differs from the one in the catalog. Expected'));
  });

  it('has a signature that does not hold, or none', async () => {
    const { store } = await written();
    await forge(store, (manifest) => void (manifest['largeObjects'] = 1));
    await expect(reading(store)).rejects.toEqual(damagedBecause('does not hold'));
    await forge(store, (manifest) => void (manifest['signature'] = null));
    await expect(reading(store)).rejects.toEqual(damagedBecause('not signed with the same key'));
  });

  it('B8 is of another backup', async () => {
    const { store } = await written();
    const elsewhere = `${PREFIX.slice(0, -3)}ff/`;
    await store.put({ name: elsewhere + MANIFEST_NAME, content: Readable.from([await buffer(store.get(NAME))]) });
    await expect(readManifest(store, elsewhere, [key], { backupId: elsewhere.split('/').at(-2)! })).rejects.toEqual(damagedBecause('of another backup'));
    await expect(readManifest(store, elsewhere, [key], { backupId: BACKUP_ID })).rejects.toEqual(damagedBecause('is not of this backup'));
  });

  it.each([
    ['is no JSON', () => Buffer.from('{'), 'It is no JSON.'],
    ['is empty', () => Buffer.alloc(0), 'It is no JSON.'],
    ['is not UTF-8', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 20), Buffer.from([0xff]), bytes.subarray(20)]), 'It is no JSON.'],
    ['is cut off', (bytes: Buffer) => bytes.subarray(0, -1), 'It is no JSON.'],
    ['has a field twice', (bytes: Buffer) => Buffer.from(bytes.toString().replace('"largeObjects":0', '"largeObjects":1,"largeObjects":0')), 'not in canonical form'],
    ['is laid out for people', (bytes: Buffer) => Buffer.from(JSON.stringify(JSON.parse(bytes.toString()), null, 2)), 'not in canonical form'],
    ['is a list', () => Buffer.from('[]'), 'is not an object'],
  ])('%s', async (_, change, what) => {
    const { store } = await written();
    await replace(store, NAME, change);
    await expect(reading(store)).rejects.toEqual(damagedBecause(what));
  });

  const files = (manifest: Record<string, Json>): Record<string, Json>[] => manifest['files'] as unknown as Record<string, Json>[];
  const tables = (manifest: Record<string, Json>): Record<string, Json>[] => manifest['tables'] as unknown as Record<string, Json>[];

  // Signed with the right key: whoever has it is not believed either.
  it.each([
    ['a field is missing', (manifest: Record<string, Json>) => delete manifest['snapshot'] && undefined, 'snapshot is missing'],
    ['a field is not known', (manifest: Record<string, Json>) => void (manifest['note'] = 'x'), 'note is not a field'],
    ['a version is not ours', (manifest: Record<string, Json>) => void (manifest['format'] = 'pgconvoy-backup/2'), 'format is not one of'],
    ['a count is negative', (manifest: Record<string, Json>) => void (files(manifest)[0]!['bytes'] = -1), 'files[0].bytes is not a count'],
    ['a count is no whole number', (manifest: Record<string, Json>) => void (tables(manifest)[0]!['rows'] = 1.5), 'tables[0].rows is not a count'],
    ['a hash is none', (manifest: Record<string, Json>) => void (files(manifest)[1]!['sha256'] = 'abc'), 'files[1].sha256 is not a SHA-256'],
    ['a name leads out of the folder', (manifest: Record<string, Json>) => void (files(manifest)[1]!['name'] = '../3012.dat'), 'files[1].name is not a name of a file'],
    ['a name has a folder', (manifest: Record<string, Json>) => void (files(manifest)[1]!['name'] = 'a/3012.dat'), 'not a name of a file'],
    ['a name is hidden', (manifest: Record<string, Json>) => void (files(manifest)[1]!['name'] = '.bashrc'), 'not a name of a file'],
    ['a name begins as an option does', (manifest: Record<string, Json>) => void (files(manifest)[1]!['name'] = '-rf'), 'not a name of a file'],
    ['a name has a line end', (manifest: Record<string, Json>) => void (files(manifest)[1]!['name'] = '3012.dat\n'), 'not a name of a file'],
    ['an object is another file\'s', (manifest: Record<string, Json>) => void (files(manifest)[1]!['object'] = files(manifest)[2]!['object']!), 'the object of file 3012.dat is not'],
    ['an object is of another backup', (manifest: Record<string, Json>) => void (files(manifest)[1]!['object'] = '../other/files/3012.dat.zst.sealed'), 'the object of file 3012.dat is not'],
    ['a file is there twice', (manifest: Record<string, Json>) => void files(manifest).push(files(manifest)[1]!), 'files has 3012.dat twice'],
    ['two names differ in case alone', (manifest: Record<string, Json>) => void files(manifest).push({ ...files(manifest)[1]!, name: '3012.DAT', object: 'files/3012.DAT.zst.sealed' }), 'files has 3012.dat twice'],
    ['a table is there twice', (manifest: Record<string, Json>) => void tables(manifest).push(tables(manifest)[1]!), 'tables has ["public","Orders \\"x\\""] twice'],
    ['two tables have one file', (manifest: Record<string, Json>) => void (tables(manifest)[1]!['file'] = '3012.dat'), 'files of tables has 3012.dat twice'],
    ['the file of a table is not there', (manifest: Record<string, Json>) => void (tables(manifest)[0]!['file'] = '9999.dat'), 'is not in the list of files'],
    ['the file of a table holds no rows', (manifest: Record<string, Json>) => void (tables(manifest)[0]!['file'] = 'toc.dat'), 'is not in the list of files'],
  ])('says that %s', async (_, change, what) => {
    const { store } = await written();
    await forge(store, change, true);
    await expect(reading(store)).rejects.toEqual(damagedBecause(what));
  });
});

it('is not written when it could not be read', async () => {
  const store = memoryStore();
  await expect(writeManifest(store, PREFIX, await content(store, { startedAt: 'yesterday' }), key)).rejects.toMatchObject({ code: 'bug' });
  expect(toJson(await store.stat(NAME))).toBeNull();
});
