import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { it } from 'vitest';

import { runInventory } from '../../client/backup-inventory.ts';
import { runExpiry } from '../../client/expiry.ts';
import { OperationError } from '../../domain/errors.ts';
import { openBackupStage, plantBackup, type BackupStage } from '../../test/workflows/backup-stage.ts';

const ROOT = join(import.meta.dirname, '../..');

async function keep({ client }: BackupStage, name: string, workflowId: string): Promise<void> {
  const text = historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory());
  // Stack traces name the checkout they came from; a replay does not look at them.
  await writeFile(join(ROOT, 'test/histories', `${name}.json`), `${text.replaceAll(`${ROOT}/`, '')}\n`);
}

it('an expiry of which the store refuses one', async () => {
  await using stage = await openBackupStage((store) => ({
    ...store,
    delete: async (name) => {
      if (name.includes('/b1/')) throw new OperationError('store_refused', `the store refused object ${name}`);
      await store.delete(name);
    },
  }));
  for (const night of [1, 2, 3]) await plantBackup(stage, { backupId: `b${night}`, snapshotAt: `2026-11-0${night}T02:00:00Z` });
  await runExpiry(stage.client, { policy: 'nightly', requestedBy: 'a recording' }).catch((error: unknown) => error);
  await keep(stage, 'expire-backups-refused', 'expire/nightly');
});

it('an inventory', async () => {
  await using stage = await openBackupStage();
  await plantBackup(stage, { backupId: '20261101T020000Z-00000001', snapshotAt: '2026-11-01T02:00:00Z', state: 'failed' });
  await runInventory(stage.client, { store: 'default', sweep: true, requestedBy: 'a recording' });
  await keep(stage, 'take-backup-inventory-completed', 'inventory/default');
  for await (const { name } of stage.store.list('')) await stage.store.delete(name);
  await plantBackup(stage, { backupId: '20261102T020000Z-00000002', snapshotAt: '2026-11-02T02:00:00Z' });
  for await (const { name } of stage.store.list('')) await stage.store.delete(name);
  await runInventory(stage.client, { store: 'default', requestedBy: 'a recording' }).catch((error: unknown) => error);
  await keep(stage, 'take-backup-inventory-refused', 'inventory/default');
});
