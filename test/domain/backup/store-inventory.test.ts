import { expect, it } from 'vitest';

import type { BackupManifest } from '../../../domain/backup/manifest.ts';
import type { BackupState } from '../../../domain/backup/states.ts';
import { judgeFolder, placeOf, type FoundManifest } from '../../../domain/backup/store-inventory.ts';

const PREFIX = '7311/shop/20261101T020000Z-00000001/';
const NOW = '2026-11-20T12:00:00Z';
const file = (object: string, bytes: number) => ({ name: object, object, kind: 'data', bytes, sha256: '', rawBytes: bytes, rawSha256: '' });
const GOOD: FoundManifest = { manifest: { database: 'shop', snapshot: { takenAt: '2026-11-01T02:00:00Z' }, files: [file('files/1.dat.zst', 10), file('files/2.dat.zst', 20)] } as unknown as BackupManifest };
const DAMAGED: FoundManifest = { problem: { code: 'backup_damaged', message: 'its signature does not hold' } };
const NO_KEY: FoundManifest = { problem: { code: 'backup_key_missing', message: 'key 0123 is not in the inventory' } };
const ALL = { 'files/1.dat.zst': 10, 'files/2.dat.zst': 20, 'manifest.json': 5 };

const judge = (objects: Record<string, number>, manifest: FoundManifest, state?: BackupState, newestAt: string | null = '2026-11-01T03:00:00Z') =>
  judgeFolder({ folder: { backupId: '20261101T020000Z-00000001', prefix: PREFIX, objects: new Map(Object.entries(objects)), newestAt }, manifest, state, now: NOW });

it.each<[string, Record<string, number>, FoundManifest, BackupState | undefined, string, string]>([
  ['all there', ALL, GOOD, 'proven', 'whole', 'Every object'],
  ['an object gone', { 'files/1.dat.zst': 10, 'manifest.json': 5 }, GOOD, 'proven', 'damaged', 'Object files/2.dat.zst is gone'],
  ['an object cut', { ...ALL, 'files/2.dat.zst': 19 }, GOOD, 'stored', 'damaged', 'has 19 bytes, not 20'],
  ['no manifest', { 'files/1.dat.zst': 10 }, undefined, 'proven', 'damaged', 'Its manifest is not in the store'],
  ['another manifest', ALL, DAMAGED, 'proven', 'damaged', 'signature does not hold'],
  ['a key that is not at hand', ALL, NO_KEY, 'proven', 'unreadable', 'key 0123'],
  ['not in the catalog', ALL, GOOD, undefined, 'adoptable', 'does not know this backup of shop'],
  ['not in the catalog and not whole', { 'manifest.json': 5 }, GOOD, undefined, 'unreadable', 'files/1.dat.zst is gone'],
  ['not in the catalog and not believed', ALL, DAMAGED, undefined, 'unreadable', 'not to be believed'],
  ['of a run that is under way', { 'files/1.dat.zst': 10 }, undefined, 'created', 'under-way', 'has not ended'],
  ['being removed', ALL, GOOD, 'expiring', 'expiring', 'removing it'],
  ['removed, and yet there', ALL, GOOD, 'deleted', 'leftover', 'was deleted'],
  ['of a failed run', { 'files/1.dat.zst': 10 }, undefined, 'failed', 'leftover', 'has failed'],
  ['rejected before', ALL, GOOD, 'rejected', 'whole', 'Every object'],
])('B39 %s', (_, objects, manifest, state, kind, evidence) => {
  const finding = judge(objects, manifest, state);
  expect(finding.kind).toBe(kind);
  expect(finding.evidence).toContain(evidence);
});

it('B20 B34 what has no manifest is left alone while a run may still be writing it', () => {
  const parts = { 'files/1.dat.zst': 10 };
  expect(judge(parts, undefined, undefined, '2026-11-14T00:00:00Z').kind).toBe('young');
  expect(judge(parts, undefined, undefined, null).kind).toBe('young');
  expect(judge(parts, undefined, undefined, '2026-11-13T00:00:00Z')).toMatchObject({ kind: 'leftover', objects: 1, bytes: 10 });
});

it('takes no other object for one of a backup', () => {
  expect(placeOf(`${PREFIX}files/1.dat.zst`)).toEqual({ prefix: PREFIX, backupId: '20261101T020000Z-00000001', below: 'files/1.dat.zst' });
  for (const name of ['schema/shop/shop/20261120T020000Z-00000001.dump', '7311/shop/latest/files/1.dat', 'manifest.json', PREFIX]) expect(placeOf(name)).toBeUndefined();
});
