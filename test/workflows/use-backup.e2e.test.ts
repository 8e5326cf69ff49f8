import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { openBackupView } from '../../cli/backup/live-view.ts';
import { watchWorkflow } from '../../client/watch-workflow.ts';
import { listLocks } from '../../catalog/backup-locks.ts';
import { listBackups } from '../../catalog/backups.ts';
import { latestAudit } from '../../catalog/audit-rows.ts';
import { listRuns } from '../../catalog/runs.ts';
import { OperationError } from '../../domain/errors.ts';
import { until } from '../support/bed-wait.ts';
import type { RestoreBackupInput, VerifyBackupInput } from '../../workflows/backup-input.ts';
import type { backUpServer } from '../../workflows/back-up-server.ts';
import { CONTROL_QUEUE, proofWorkflowId, restoreWorkflowId } from '../../workflows/messages.ts';
import type { restoreBackup } from '../../workflows/restore-backup.ts';
import type { verifyBackup } from '../../workflows/verify-backup.ts';
import { emptyStage, openRunStage, type RunStage, untilCancelled } from './run-stage.ts';

let stage: RunStage;
beforeAll(async () => void (stage = await openRunStage()));
afterAll(async () => await stage[Symbol.asyncDispose]());
beforeEach(async () => await emptyStage(stage));

const night = async (policy = 'nightly') => await stage.client.workflow.execute<typeof backUpServer>('backUpServer', { workflowId: `backup/${policy}`, taskQueue: CONTROL_QUEUE, args: [{ policy, requestedBy: 'ada' }] });
const verify = async (input: VerifyBackupInput) => await stage.client.workflow.start<typeof verifyBackup>('verifyBackup', { workflowId: proofWorkflowId(input.backup ?? input.newest ?? ''), taskQueue: CONTROL_QUEUE, args: [{ requestedBy: 'ada', ...input }] });
const restore = async (input: Partial<RestoreBackupInput>) =>
  await stage.client.workflow.start<typeof restoreBackup>('restoreBackup', { workflowId: restoreWorkflowId('shop', 'copy'), taskQueue: CONTROL_QUEUE, args: [{ requestedBy: 'ada', server: 'shop', database: 'copy', ...input }] });
const expire = async () => await stage.client.workflow.execute<() => Promise<{ deleted: string[] }>>('expireBackups', { workflowId: 'expire/nightly', taskQueue: CONTROL_QUEUE, args: [{ policy: 'nightly' }] as never });

it('a verdict is a result, good or bad, and a rejected backup can be proven by another try', async () => {
  const { databases: [shop] } = await night('unproven');
  const backup = shop!.backupId!;
  stage.script.onProof = () => Promise.resolve(['table public.t has 1 row instead of 2']);
  const bad = await (await verify({ newest: 'unproven' })).result();
  expect(bad).toMatchObject({ backupId: backup, verdict: 'rejected', problem: { code: 'proof_failed', detail: 'table public.t has 1 row instead of 2' } });
  await expect((await restore({ backup })).result()).rejects.toMatchObject({ cause: { type: 'not_now', message: `backup "${backup}" is rejected and cannot be restored` } });
  stage.script.onProof = () => Promise.resolve([]);
  const handle = await verify({ backup });
  expect(await handle.result()).toMatchObject({ verdict: 'proven', seconds: 1.5, parts: { restore: 1, compare: 0.5 } });
  expect((await handle.describe()).searchAttributes).toMatchObject({ PgconvoyKind: ['proof'], PgconvoyState: ['proven'] });
  expect((await listBackups(stage.catalog, {}))[0]).toMatchObject({ state: 'proven' });
  expect((await listRuns(stage.catalog, { kind: 'proof', limit: 9 })).map(({ state }) => state)).toEqual(['completed', 'completed']);
  expect(await listLocks(stage.catalog)).toEqual([]);
});

it('B63 a proof that could not be made fails as what it was, and leaves the backup as it was', async () => {
  const { databases: [shop] } = await night('unproven');
  stage.script.onProof = async () => await Promise.reject(new OperationError('program_missing', 'there is no postgres of major 15'));
  await expect((await verify({ backup: shop!.backupId! })).result()).rejects.toMatchObject({ cause: { type: 'program_missing' } });
  expect((await listBackups(stage.catalog, {}))[0]).toMatchObject({ state: 'stored' });
  expect((await listRuns(stage.catalog, { kind: 'proof', limit: 1 }))[0]).toMatchObject({ state: 'failed', error: { code: 'program_missing' } });
});

it('B34 a backup that is being restored does not expire, and one that goes is not restored', async () => {
  const first = await night();
  const backup = first.databases[0]!.backupId!;
  stage.script.onRestore = untilCancelled;
  const restoring = await restore({ backup });
  await until('the restore', async () => (await listLocks(stage.catalog)).length > 0);
  await night();
  expect((await listBackups(stage.catalog, { database: 'shop' })).map(({ backupId }) => backupId)).toContain(backup);
  await restoring.cancel();
  await expect(restoring.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect((await listRuns(stage.catalog, { kind: 'restore', limit: 1 }))[0]).toMatchObject({ state: 'aborted' });
  expect(await expire()).toMatchObject({ deleted: [backup] });
  await expect((await restore({ backup })).result()).rejects.toMatchObject({ cause: { type: 'not_now', message: `backup "${backup}" is deleted and cannot be restored` } });
  expect(await listLocks(stage.catalog)).toEqual([]);
});

it('B34 a restore that was terminated keeps nothing from expiring', async () => {
  const backup = (await night()).databases[0]!.backupId!;
  stage.script.onRestore = untilCancelled;
  const restoring = await restore({ backup });
  await until('the restore', async () => (await listLocks(stage.catalog)).length > 0);
  await restoring.terminate('a test');
  await night();
  expect((await listBackups(stage.catalog, { database: 'shop' })).map(({ backupId }) => backupId)).not.toContain(backup);
  expect((await listRuns(stage.catalog, { kind: 'restore', limit: 1 }))[0]).toMatchObject({ state: 'aborted', error: { code: 'aborted', message: 'workflow restore/shop/copy does not run any more' } });
  expect(await listLocks(stage.catalog)).toEqual([]);
});

it('who watches sees a step that is tried again, with its attempt and the reason', async () => {
  const backup = (await night()).databases[0]!.backupId!;
  const lines: string[] = [];
  const view = openBackupView({ isTTY: false, write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream);
  let attempts = 0;
  stage.script.onRestore = async () => {
    attempts += 1;
    if (attempts === 1) throw new OperationError('store_failed', 'the store failed with object a', { detail: 'The connection broke.\nAnd more.' });
    await until('the line', () => Promise.resolve(lines.length > 0));
  };
  const handle = await restore({ backup });
  await watchWorkflow(stage.client, { started: { workflowId: handle.workflowId, temporalRunId: handle.firstExecutionRunId }, hasProgress: false, patienceMs: 60_000, onLook: (look) => view.show(look), onTrouble: () => undefined });
  expect(lines).toEqual(['  ↻ restoreDatabase failed and is tried again, attempt 2: the store failed with object a: The connection broke.\n']);
  expect(await handle.result()).toMatchObject({ backupId: backup });
});

it('restores the newest that was proven, and tells the audit where to', async () => {
  await night();
  await expect((await restore({ newest: 'nightly' })).result()).rejects.toMatchObject({ cause: { type: 'input_invalid', details: [{ hint: 'Say of which, with `--of`: blog, shop.' }] } });
  const result = await (await restore({ newest: 'nightly', of: 'shop', schemas: ['public'] })).result();
  expect(result).toMatchObject({ server: 'shop', database: 'copy', rows: 2 });
  const [start] = await latestAudit(stage.catalog, { runId: result.runId, limit: 9 });
  expect(start).toMatchObject({ actor: 'ada', action: 'restore.start', object: `backup ${result.backupId}`, detail: { server: 'shop', database: 'copy', schemas: ['public'] } });
});

it.each([
  [{}, 'give either backup, an id, or newest, a policy'],
  [{ backup: 'a', newest: 'b' }, 'give either backup, an id, or newest, a policy'],
  [{ backup: 'a', databse: 'x' }, 'Unrecognized key: "databse"'],
])('refuses %j at once', async (input, says) => {
  await expect((await restore(input)).result()).rejects.toMatchObject({ cause: { type: 'input_invalid', details: [{ detail: expect.stringContaining(says) as string }] } });
});

it('does not know a backup that never was', async () => {
  await expect((await verify({ backup: 'b9' })).result()).rejects.toMatchObject({ cause: { type: 'backup_unknown' } });
});
