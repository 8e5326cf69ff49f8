import { expect, it } from 'vitest';

import { beginDeletions, openDeletions } from '../../catalog/backup-deletions.ts';
import { backupLock, dropLocks, takeLock } from '../../catalog/backup-locks.ts';
import { changeBackup, listBackups, readBackup } from '../../catalog/backups.ts';
import { verifyAudit } from '../../catalog/verify-audit.ts';
import { runExpiry } from '../../client/expiry.ts';
import { OperationError } from '../../domain/errors.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { namesIn, openBackupStage, plantBackup, type BackupStage } from './backup-stage.ts';

const expire = (stage: BackupStage, policy = 'nightly') => runExpiry(stage.client, { policy, requestedBy: 'ada' });

const statesOf = async ({ catalog }: BackupStage): Promise<Record<string, string>> =>
  Object.fromEntries((await listBackups(catalog, { states: ['created', 'stored', 'proven', 'rejected', 'failed', 'expiring', 'deleted'] })).map(({ backupId, state }) => [backupId, state]));

/** Refuses to delete anything below `refused.prefix`, as a store with a lock does. */
const refusing = (refused: { prefix: string | undefined }) => (store: ObjectStore): ObjectStore => ({
  ...store,
  delete: async (name) => {
    if (refused.prefix !== undefined && name.startsWith(refused.prefix)) throw new OperationError('store_refused', `the store refused object ${name}`);
    await store.delete(name);
  },
});

it('B35 a deletion that fails stays written down, does not hold up the others, and the next run does it', async () => {
  const refused: { prefix: string | undefined } = { prefix: undefined };
  await using stage = await openBackupStage(refusing(refused));
  await plantBackup(stage, { backupId: 'b1', snapshotAt: '2026-11-01T02:00:00Z' });
  await plantBackup(stage, { backupId: 'b2', snapshotAt: '2026-11-02T02:00:00Z' });
  await plantBackup(stage, { backupId: 'b3', snapshotAt: '2026-11-03T02:00:00Z' });
  refused.prefix = '7311/shop/b1/';

  await expect(expire(stage)).rejects.toMatchObject({ code: 'store_refused', message: '1 expired backup could not be deleted', detail: expect.stringContaining('b1: the store refused object') });
  expect(await statesOf(stage)).toEqual({ b1: 'expiring', b2: 'deleted', b3: 'proven' });
  expect(await openDeletions(stage.catalog)).toMatchObject([{ backupId: 'b1', rule: 'outside-every-rule', requestedBy: 'ada', attempts: 1, error: { code: 'store_refused' } }]);
  expect(await namesIn(stage.store)).toHaveLength(6);

  refused.prefix = undefined;
  expect(await expire(stage)).toMatchObject({ kept: 1, deleted: ['b1'] });
  expect(await statesOf(stage)).toEqual({ b1: 'deleted', b2: 'deleted', b3: 'proven' });
  expect(await namesIn(stage.store)).toEqual(['7311/shop/b3/files/0.dat.zst', '7311/shop/b3/files/1.dat.zst', '7311/shop/b3/manifest.json']);
  expect(await openDeletions(stage.catalog)).toEqual([]);
  expect((await verifyAudit(stage.catalog)).broken).toBeUndefined();
});

it('deletes nothing of a database whose name begins like another, nor of another policy', async () => {
  await using stage = await openBackupStage();
  for (const database of ['app', 'app-x', 'app/x']) {
    await plantBackup(stage, { backupId: `${encodeURIComponent(database)}-1`, database, snapshotAt: '2026-11-01T02:00:00Z', ...(database === 'app' ? {} : { policy: 'other' }) });
    await plantBackup(stage, { backupId: `${encodeURIComponent(database)}-2`, database, snapshotAt: '2026-11-02T02:00:00Z', ...(database === 'app' ? {} : { policy: 'other' }) });
  }
  expect(await expire(stage)).toMatchObject({ deleted: ['app-1'] });
  expect(await namesIn(stage.store, '7311/app/')).toHaveLength(3);
  expect(await namesIn(stage.store, '7311/app')).toHaveLength(15);
});

it('B34 B40 what a dead run left unfinished counts as failed once its run is over, and what is under way is left alone', async () => {
  await using stage = await openBackupStage();
  await plantBackup(stage, { backupId: 'dead', snapshotAt: '2026-11-01T02:00:00Z', state: 'created', objects: 2 });
  await plantBackup(stage, { backupId: 'good', snapshotAt: '2026-11-02T02:00:00Z' });
  await plantBackup(stage, { backupId: 'busy', snapshotAt: '2026-11-03T02:00:00Z', state: 'created', objects: 2 });
  expect(await expire(stage)).toMatchObject({ deleted: ['dead'], abandoned: ['dead'], kept: 2 });
  expect(await statesOf(stage)).toEqual({ dead: 'deleted', good: 'proven', busy: 'created' });
  expect(await namesIn(stage.store, '7311/shop/busy/')).toHaveLength(2);
});

it('a backup that was put on hold meanwhile stays, and one that is being restored', async () => {
  await using stage = await openBackupStage();
  await plantBackup(stage, { backupId: 'b1', snapshotAt: '2026-11-01T02:00:00Z' });
  await plantBackup(stage, { backupId: 'b2', snapshotAt: '2026-11-02T02:00:00Z' });
  await changeBackup(stage.catalog, 'b1', { hold: { by: 'ada', reason: 'audit', at: '2026-11-03T00:00:00Z' } });
  expect(await beginDeletions(stage.catalog, { runId: 'r', requestedBy: 'ada', deletions: [{ backupId: 'b1', rule: 'outside-every-rule', reason: 'x' }] })).toEqual([]);
  expect((await readBackup(stage.catalog, 'b1')).state).toBe('proven');

  await changeBackup(stage.catalog, 'b1', { hold: null });
  await takeLock(stage.catalog, { object: backupLock('b1'), mode: 'together', runId: 'r1', workflowId: 'restore/shop/shop2', purpose: 'restore' });
  expect(await beginDeletions(stage.catalog, { runId: 'r', requestedBy: 'ada', deletions: [{ backupId: 'b1', rule: 'outside-every-rule', reason: 'x' }] })).toEqual([]);
  await dropLocks(stage.catalog, 'r1');
  expect(await expire(stage)).toMatchObject({ deleted: ['b1'] });
});
