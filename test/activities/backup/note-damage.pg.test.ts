import { afterAll, beforeAll, expect, it } from 'vitest';

import { noteDamage } from '../../../activities/backup/note-damage.ts';
import { latestAudit } from '../../../catalog/audit-rows.ts';
import { changeBackup, readBackup } from '../../../catalog/backups.ts';
import { newestBackup } from '../../../catalog/newest-backup.ts';
import { type ErrorCode, OperationError } from '../../../domain/errors.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import { freshCatalog, type FreshCatalog } from '../../catalog/fresh-catalog.ts';
import { plantBackup } from '../../workflows/backup-stage.ts';

let fresh: FreshCatalog;
beforeAll(async () => void (fresh = await freshCatalog()));
afterAll(async () => await fresh[Symbol.asyncDispose]());

it.each<[ErrorCode, number, 'rejected' | 'proven']>([
  ['backup_damaged', 3, 'rejected'],
  ['object_missing', 3, 'rejected'],
  ['object_missing', 0, 'proven'], // nothing at all: the store may be another one
  ['restore_incomplete', 3, 'proven'],
  ['store_failed', 3, 'proven'],
])('B31, B39 after a restore that ended with %s over %i objects a backup is %s', async (code, objects, state) => {
  const store = memoryStore();
  const { catalog } = fresh;
  const backupId = `${code}-${objects}`;
  const { prefix } = await plantBackup({ catalog, store }, { backupId, policy: backupId, snapshotAt: '2026-11-20T02:00:00Z' });
  if (objects === 0) for await (const { name } of store.list(prefix)) await store.delete(name);
  const row = await readBackup(catalog, backupId);
  await noteDamage({ catalog, store: () => store }, row, new OperationError(code, 'what happened', { detail: 'And where.' }), { runId: backupId, requestedBy: 'ada' });
  expect(await readBackup(catalog, backupId)).toMatchObject({ state, ...(state === 'rejected' ? { error: { code, message: 'what happened' } } : { error: null }) });
  const audit = await latestAudit(catalog, { runId: backupId, limit: 1 });
  const newest = newestBackup(catalog, { policy: backupId, database: undefined, provenOnly: true });
  if (state === 'proven') {
    expect(audit).toEqual([]);
    expect(await newest).toMatchObject({ backupId });
    return;
  }
  expect(audit).toMatchObject([{ actor: 'ada', action: 'backup.reject', object: `backup ${backupId}`, detail: { evidence: 'what happened: And where.' } }]);
  await expect(newest).rejects.toMatchObject({ code: 'backup_unknown' });
  await changeBackup(catalog, backupId, { state: 'proven', error: null }); // as a proof does that finds it whole again
});
