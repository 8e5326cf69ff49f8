import { expect, it } from 'vitest';

import { readBackup } from '../../catalog/backups.ts';
import { runInventory } from '../../client/backup-inventory.ts';
import { MANIFEST_FORMAT, type BackupManifest } from '../../domain/backup/manifest.ts';
import { writeManifest } from '../../storage/archive/write-manifest.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { namesIn, openBackupStage, plantBackup, type BackupStage } from './backup-stage.ts';

const idOf = (night: number): string => `2026110${night}T020000Z-0000000${night}`;
const prefixOf = (night: number): string => `7311/shop/${idOf(night)}/`;

const inventory = (stage: BackupStage, input: { adopt?: boolean; sweep?: boolean } = {}) => runInventory(stage.client, { store: 'default', requestedBy: 'ada', ...input });

async function* contentOf(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}

/** A small backup with a manifest that holds, as a dump leaves it. */
async function put(store: ObjectStore, night: number, policy = 'nightly'): Promise<void> {
  const prefix = prefixOf(night);
  const { bytes, sha256 } = await store.put({ name: `${prefix}files/toc.dat`, content: contentOf('toc') });
  const at = `2026-11-0${night}T02:00:00.000Z`;
  const manifest: Omit<BackupManifest, 'signature'> = {
    format: MANIFEST_FORMAT, backupId: idOf(night), policy, server: 'shop', database: 'shop', systemId: '7311',
    source: { role: 'primary', serverVersion: '18.1', serverMajor: 18, clientVersion: '18.1', encoding: 'UTF8', collation: 'C', characterType: 'C', owner: 'shop', settings: [], extensions: [] },
    snapshot: { lsn: '0/1000', takenAt: at }, startedAt: at, finishedAt: at, archive: { format: 'directory', compression: 'none', jobs: 1 },
    files: [{ name: 'toc.dat', object: 'files/toc.dat', kind: 'toc', bytes, sha256, rawBytes: bytes, rawSha256: sha256 }], tables: [], largeObjects: 0, roles: [], encryption: null,
  };
  await writeManifest(store, prefix, manifest, undefined);
}

it('B39 a backup that somebody took out of the store does not count any more', async () => {
  await using stage = await openBackupStage();
  for (const night of [1, 2]) await put(stage.store, night);
  await inventory(stage, { adopt: true });
  await stage.store.delete(`${prefixOf(1)}files/toc.dat`);
  const found = await inventory(stage);
  expect(found).toMatchObject({ counts: { whole: 1, damaged: 1 }, degraded: [idOf(1)], findings: [{ kind: 'damaged', backupId: idOf(1), evidence: 'Object files/toc.dat is gone.' }] });
  expect(await readBackup(stage.catalog, idOf(1))).toMatchObject({ state: 'rejected', error: { code: 'backup_damaged' } });
  expect(await inventory(stage)).toMatchObject({ degraded: [] });
});

it('a catalog that was lost is written anew out of the manifests, and nothing of it counts as proven', async () => {
  await using stage = await openBackupStage();
  await put(stage.store, 3);
  expect(await inventory(stage)).toMatchObject({ counts: { adoptable: 1 }, adopted: [] });
  expect(await inventory(stage, { adopt: true })).toMatchObject({ adopted: [idOf(3)] });
  expect(await readBackup(stage.catalog, idOf(3))).toMatchObject({ state: 'stored', policy: 'nightly', server: 'shop', systemId: '7311', database: 'shop', snapshotAt: '2026-11-03T02:00:00.000000Z', snapshotLsn: '0/1000', storedBytes: 3, provenAt: null });
  // The hash of the manifest was kept as it is in the store: the next inventory compares with it.
  expect(await inventory(stage)).toMatchObject({ counts: { whole: 1 } });
});

it('a manifest without the signature that its policy asks for is not taken for a backup', async () => {
  await using stage = await openBackupStage();
  await put(stage.store, 7, 'sealed');
  await put(stage.store, 8, 'of nobody');
  const found = await inventory(stage, { adopt: true });
  expect(found).toMatchObject({ counts: { unreadable: 2 }, adopted: [] });
  expect(JSON.stringify(found.findings)).toContain('It is not signed.');
  await expect(readBackup(stage.catalog, idOf(7))).rejects.toMatchObject({ code: 'backup_unknown' });
});

it('B35 what belongs to no backup is told, and removed only when it is asked for', async () => {
  await using stage = await openBackupStage();
  await plantBackup(stage, { backupId: idOf(4), snapshotAt: '2026-11-04T02:00:00Z', state: 'failed' });
  await stage.store.put({ name: `${prefixOf(5)}files/1.dat`, content: contentOf('just written') });
  await stage.store.put({ name: 'schema/shop/shop/x.dump', content: contentOf('a schema') });
  expect(await inventory(stage)).toMatchObject({ counts: { leftover: 1, young: 1 }, others: 1, swept: [] });
  expect(await inventory(stage, { sweep: true })).toMatchObject({ swept: [prefixOf(4)] });
  expect(await namesIn(stage.store)).toEqual([`${prefixOf(5)}files/1.dat`, 'schema/shop/shop/x.dump']);
});

it('a store without any backup is taken for the wrong one, and changes nothing', async () => {
  await using stage = await openBackupStage();
  await put(stage.store, 6);
  await inventory(stage, { adopt: true });
  for (const name of await namesIn(stage.store)) await stage.store.delete(name);
  await expect(inventory(stage)).rejects.toMatchObject({ code: 'object_missing', hint: expect.stringContaining('stores.default') });
  expect((await readBackup(stage.catalog, idOf(6))).state).toBe('stored');
});
