import { expect, it } from 'vitest';

import { changeBackup, listBackups, readBackup, recordBackup, type NewBackup } from '../../catalog/backups.ts';
import { listProofs, recordProof } from '../../catalog/backup-proofs.ts';
import { freshCatalog } from './fresh-catalog.ts';

const BACKUP: NewBackup = {
  backupId: '20261120T020000Z-0123abcd',
  runId: 'r1',
  policy: 'nightly',
  server: 'shop',
  systemId: '7386000000000000001',
  database: 'shop',
  store: 'default',
  prefix: '7386000000000000001/shop/20261120T020000Z-0123abcd/',
  wrappedKey: 'd3JhcHBlZA==',
  keyId: '0011223344556677',
};

it('follows a backup through its states; times come from the clock of the catalog, once', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  expect(await recordBackup(catalog, BACKUP)).toMatchObject({ ...BACKUP, state: 'created', storedAt: null, hold: null });
  await changeBackup(catalog, BACKUP.backupId, { state: 'dumped', snapshotAt: '2026-11-20T02:00:01.5Z', snapshotLsn: '1/A0', rows: 3, rawBytes: 9_007_199_254_740_000 });
  await changeBackup(catalog, BACKUP.backupId, { state: 'stored', storedBytes: 12, dumpSeconds: 1.5, manifestSha256: 'ab' });
  const stored = await readBackup(catalog, BACKUP.backupId);
  expect(stored).toMatchObject({ state: 'stored', snapshotAt: '2026-11-20T02:00:01.500000Z', snapshotLsn: '1/A0', rows: 3, rawBytes: 9_007_199_254_740_000, storedBytes: 12, dumpSeconds: 1.5, provenAt: null });
  expect(stored.storedAt! > stored.createdAt).toBe(true);
  await changeBackup(catalog, BACKUP.backupId, { state: 'stored' });
  expect((await readBackup(catalog, BACKUP.backupId)).storedAt).toBe(stored.storedAt);
  await changeBackup(catalog, BACKUP.backupId, { state: 'proven', restoreSeconds: 4 });
  expect((await readBackup(catalog, BACKUP.backupId)).provenAt).not.toBeNull();
});

it('never leads a backup back: what has failed stays so, and nothing is proven that was not stored', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  await recordBackup(catalog, BACKUP);
  await expect(changeBackup(catalog, BACKUP.backupId, { state: 'proven' })).rejects.toMatchObject({ code: 'not_now', context: { state: 'created' } });
  await changeBackup(catalog, BACKUP.backupId, { state: 'failed', error: { code: 'disk_full', message: 'no' } });
  await expect(changeBackup(catalog, BACKUP.backupId, { state: 'stored', rows: 5 })).rejects.toMatchObject({ code: 'not_now' });
  expect(await readBackup(catalog, BACKUP.backupId)).toMatchObject({ state: 'failed', rows: null, error: { code: 'disk_full', message: 'no' } });
});

it('gives a repeated step the backup its run has begun', async () => {
  await using fresh = await freshCatalog();
  await recordBackup(fresh.catalog, BACKUP);
  const again = await recordBackup(fresh.catalog, { ...BACKUP, backupId: '20261120T020009Z-ffffffff', prefix: 'elsewhere/', wrappedKey: 'b3RoZXI=' });
  expect(again).toMatchObject(BACKUP);
  expect(await listBackups(fresh.catalog)).toHaveLength(1);
});

it('does not know a backup that was never recorded', async () => {
  await using fresh = await freshCatalog();
  await expect(readBackup(fresh.catalog, 'b9')).rejects.toMatchObject({ code: 'backup_unknown' });
  await expect(changeBackup(fresh.catalog, 'b9', { rows: 1 })).rejects.toMatchObject({ code: 'backup_unknown' });
});

it('lists by policy, database and state, newest first, the deleted only when they are asked for', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  for (const [backupId, policy, database] of [['a', 'nightly', 'shop'], ['b', 'nightly', 'shop2'], ['c', null, 'shop']] as const) {
    await recordBackup(catalog, { ...BACKUP, backupId, policy, database, runId: `run-${backupId}`, prefix: `x/${backupId}/` });
  }
  for (const state of ['stored', 'expiring', 'deleted'] as const) await changeBackup(catalog, 'b', { state });
  const idsOf = async (filter: Parameters<typeof listBackups>[1]) => (await listBackups(catalog, filter)).map(({ backupId }) => backupId);
  expect(await idsOf({})).toEqual(['c', 'a']);
  expect(await idsOf({ policy: 'nightly', states: ['deleted', 'created'] })).toEqual(['b', 'a']);
  expect(await idsOf({ database: 'shop', limit: 1 })).toEqual(['c']);
});

it('keeps a hold until it is released, and every proof', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  await recordBackup(catalog, BACKUP);
  const hold = { by: 'ada', reason: 'before the upgrade', at: '2026-11-20T12:00:00Z' };
  await changeBackup(catalog, BACKUP.backupId, { hold });
  expect((await readBackup(catalog, BACKUP.backupId)).hold).toEqual(hold);
  await changeBackup(catalog, BACKUP.backupId, { hold: null });
  expect((await readBackup(catalog, BACKUP.backupId)).hold).toBeNull();
  const proof = { backupId: BACKUP.backupId, runId: 'r2', verdict: 'rejected', evidence: { reasons: ['a row is missing'] }, seconds: { restore: 2.5 }, signature: null } as const;
  await recordProof(catalog, { ...proof, verdict: 'proven' });
  await recordProof(catalog, proof);
  await recordProof(catalog, { ...proof, runId: 'r3' });
  expect(await listProofs(catalog, BACKUP.backupId)).toMatchObject([proof, { ...proof, runId: 'r3' }]);
});
