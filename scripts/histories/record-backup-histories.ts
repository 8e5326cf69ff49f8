import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, it } from 'vitest';

import { listBackups } from '../../catalog/backups.ts';
import { backupProgress, type BackUpServerInput, startBackup, startProof, startRestore, type StartedWorkflow, workflowResult } from '../../client/backups.ts';
import { type BackupBed, backupBed } from '../../test/support/backup-bed.ts';
import type { BedWorker } from '../../test/support/bed-worker.ts';
import { until } from '../../test/support/bed-wait.ts';
import { CONTROL_QUEUE, expiryWorkflowId } from '../../workflows/messages.ts';

const FOLDER = join(import.meta.dirname, '../../test/histories');

let bed: BackupBed;
let worker: BedWorker;
let shop = '';
beforeAll(async () => {
  bed = await backupBed();
  worker = await bed.startWorker();
  shop = await bed.database();
  for (const policy of ['good', 'partly', 'cancelled', 'by-hand', 'rejected']) await bed.policy(policy, { databases: policy === 'partly' ? [shop, 'no-such-database'] : [shop], ...(policy === 'good' ? { retention: { keepLast: 1, minimumProven: 1 } } : {}) });
});
afterAll(async () => {
  await worker.terminate();
  await bed[Symbol.asyncDispose]();
});

async function keep(name: string, workflowId: string): Promise<void> {
  const text = historyToJSON(await bed.client.workflow.getHandle(workflowId).fetchHistory());
  // Stack traces name the checkout they came from; a replay does not look at them.
  await writeFile(join(FOLDER, `${name}.json`), `${text.replaceAll(join(import.meta.dirname, '../..', '/'), '')}\n`);
}

const start = async (policy: string, more: Partial<BackUpServerInput> = {}): Promise<StartedWorkflow> => await startBackup(bed.client, { policy, requestedBy: 'a recording', ...more });
const ended = async (started: StartedWorkflow): Promise<unknown> => await workflowResult(bed.client, started).catch((error: unknown) => error);
/** Of the workflow that a run has for a database. */
const child = async (started: StartedWorkflow, index = 0): Promise<string> => `backup/${(await backupProgress(bed.client, started)).policy}/${(await backupProgress(bed.client, started)).databases[index]!.database}/${(await backupProgress(bed.client, started)).runId}`;

it('a night', async () => {
  await ended(await start('good'));
  const started = await start('good');
  await ended(started);
  await keep('back-up-server-completed', started.workflowId);
  await keep('back-up-database-completed', await child(started));
  const [backup] = await listBackups(bed.catalog, { policy: 'good' });
  await keep('verify-backup-proven', `prove/${backup!.backupId}`);
  await keep('expire-backups-completed', expiryWorkflowId('good'));
  bed.dropAtEnd(`${shop}-copy`);
  const restored = await startRestore(bed.client, { backup: backup!.backupId, server: 'shop', database: `${shop}-copy`, requestedBy: 'a recording' });
  await ended(restored);
  await keep('restore-backup-completed', restored.workflowId);
  const again = await startRestore(bed.client, { backup: backup!.backupId, server: 'shop', database: `${shop}-copy`, requestedBy: 'a recording' });
  await ended(again);
  await keep('restore-backup-refused', again.workflowId);
});

it('a night of which a database fails', async () => {
  const started = await start('partly');
  await ended(started);
  await keep('back-up-server-partly-failed', started.workflowId);
  await keep('back-up-database-failed', await child(started, 1));
});

it('a night that is cancelled', async () => {
  const started = await start('cancelled');
  const handle = bed.client.workflow.getHandle(started.workflowId);
  await until('the dump', async () => (await listBackups(bed.catalog, { policy: 'cancelled' })).length > 0);
  await handle.cancel();
  await ended(started);
  await keep('back-up-server-cancelled', started.workflowId);
  await keep('back-up-database-cancelled', await child(started));
});

it('one database by hand', async () => {
  const workflowId = 'by-hand/one-database';
  await bed.client.workflow.execute('backUpDatabase', { workflowId, taskQueue: CONTROL_QUEUE, args: [{ policy: 'by-hand', database: shop, requestedBy: 'a recording' }] });
  await keep('back-up-database-by-hand', workflowId);
});

it('a proof that rejects', async () => {
  await ended(await start('rejected'));
  const [backup] = await listBackups(bed.catalog, { policy: 'rejected' });
  await writeFile(join(bed.storeFolder, backup!.prefix, 'manifest.json'), '{}');
  const started = await startProof(bed.client, { backup: backup!.backupId, requestedBy: 'a recording' });
  await ended(started);
  await keep('verify-backup-rejected', started.workflowId);
});
