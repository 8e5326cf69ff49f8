import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { listLocks } from '../../catalog/backup-locks.ts';
import { type BackupRow, listBackups } from '../../catalog/backups.ts';
import { latestAudit } from '../../catalog/audit-rows.ts';
import { listRuns } from '../../catalog/runs.ts';
import { OperationError } from '../../domain/errors.ts';
import { until } from '../support/bed-wait.ts';
import type { BackUpServerInput } from '../../workflows/backup-input.ts';
import type { backUpServer } from '../../workflows/back-up-server.ts';
import { backupWorkflowId, backupProgressQuery, CONTROL_QUEUE } from '../../workflows/messages.ts';
import { emptyStage, namesIn, openRunStage, type RunStage, untilCancelled } from './run-stage.ts';

let stage: RunStage;
beforeAll(async () => void (stage = await openRunStage()));
afterAll(async () => await stage[Symbol.asyncDispose]());
beforeEach(async () => await emptyStage(stage));

const start = async (input: BackUpServerInput, workflowId = backupWorkflowId(input.policy)) =>
  await stage.client.workflow.start<typeof backUpServer>('backUpServer', { workflowId, taskQueue: CONTROL_QUEUE, args: [{ requestedBy: 'ada', ...input }] });

const rowsOf = async (): Promise<Record<string, BackupRow>> => Object.fromEntries((await listBackups(stage.catalog, {})).map((row) => [row.database, row]));

it('a night backs up every database, proves each, expires, and leaves no lock', async () => {
  const handle = await start({ policy: 'nightly' });
  const result = await handle.result();
  expect(result).toMatchObject({ policy: 'nightly', sealed: false, expiry: { kept: 2, deleted: 0 }, databases: [{ database: 'shop', state: 'proven', storedBytes: 3, proofSeconds: 1.5 }, { database: 'blog', state: 'proven' }] });
  expect(await rowsOf()).toMatchObject({ shop: { state: 'proven', runId: result.runId }, blog: { state: 'proven' } });
  expect(await listLocks(stage.catalog)).toEqual([]);
  expect((await listRuns(stage.catalog, { kind: 'backup', limit: 9 })).map(({ runId, state }) => [runId, state])).toEqual([[result.runId, 'completed']]);
  expect((await latestAudit(stage.catalog, { runId: result.runId, limit: 9 })).map(({ action, actor }) => `${action} by ${actor}`)).toEqual(['backup.start by ada', 'backup.completed by ada']);
  const { searchAttributes, historyLength } = await handle.describe();
  expect(searchAttributes).toMatchObject({ PgconvoyKind: ['backup'], PgconvoySubject: ['nightly'], PgconvoyState: ['completed'] });
  expect(historyLength).toBeLessThan(90);
});

it('a database that fails does not hold up the others; it keeps nothing in the store, its older backup stays, and the night fails', async () => {
  const first = await (await start({ policy: 'nightly' })).result();
  stage.script.onDump = async (database) => await Promise.resolve().then(() => {
    if (database === 'shop') throw new OperationError('privilege_missing', 'role u may not read table x');
  });
  await expect((await start({ policy: 'nightly' })).result()).rejects.toMatchObject({
    cause: { type: 'privilege_missing', message: 'policy "nightly" has 1 of 2 databases without a good backup of this run', details: [{ detail: 'shop: role u may not read table x' }] },
  });
  const rows = await listBackups(stage.catalog, { policy: 'nightly' });
  expect(rows.find(({ runId, database }) => runId === first.runId && database === 'shop')).toMatchObject({ state: 'proven' });
  expect(rows.find(({ runId, database }) => runId !== first.runId && database === 'blog')).toMatchObject({ state: 'proven' });
  const failed = rows.find(({ state }) => state === 'failed')!;
  expect(failed).toMatchObject({ database: 'shop', error: { code: 'privilege_missing' } });
  expect(await namesIn(stage.store, failed.prefix)).toEqual([]);
  expect((await listRuns(stage.catalog, { kind: 'backup', limit: 1 }))[0]).toMatchObject({ state: 'failed', error: { code: 'privilege_missing' } });
});

it('a proof that rejects is a bad night, and one that could not be made is not a rejection', async () => {
  stage.script.onProof = async (backupId) => await Promise.resolve(backupId).then((id) => {
    if (id.endsWith('4')) throw new OperationError('program_missing', 'there is no postgres of major 15');
    return ['table public.t has 1 row instead of 2'];
  });
  const failure: unknown = await (await start({ policy: 'nightly' })).result().catch((error: unknown) => error);
  const rows = await rowsOf();
  const states = Object.values(rows).map(({ state }) => state).toSorted();
  expect(failure).toMatchObject({ cause: { message: 'policy "nightly" has 2 of 2 databases without a good backup of this run' } });
  expect(states.every((state) => state === 'rejected' || state === 'stored')).toBe(true);
  expect(JSON.stringify(failure)).toContain('table public.t has 1 row instead of 2');
});

it('B34 of two runs that race on one policy the second is refused, with the holder named; so is an expiry', async () => {
  let dumping = false;
  stage.script.onDump = async () => {
    dumping = true;
    return await untilCancelled();
  };
  const first = await start({ policy: 'nightly' });
  await until('the first dump', () => Promise.resolve(dumping));
  const { runId } = await first.query(backupProgressQuery);
  stage.script.onDump = () => Promise.resolve();
  const second = await start({ policy: 'nightly' }, 'backup/by-another-name');
  await expect(second.result()).rejects.toMatchObject({ cause: { type: 'already_running', message: 'policy "nightly" is being worked with', details: [{ context: { holder: runId, workflowId: 'backup/nightly' } }] } });
  await expect(start({ policy: 'nightly' })).rejects.toThrow('already started');
  const expiry = stage.client.workflow.execute('expireBackups', { workflowId: 'expire/nightly', taskQueue: CONTROL_QUEUE, args: [{ policy: 'nightly' }] });
  await expect(expiry).rejects.toMatchObject({ cause: { type: 'already_running', details: [{ context: { holder: runId, purpose: 'backup' } }] } });
  expect(Object.keys(await rowsOf())).toEqual(['shop']);
  await first.cancel();
  await first.result().catch(() => undefined);
});

it('B40 a run that is cancelled ends what it has begun, with nothing left in the store', async () => {
  stage.script.onDump = untilCancelled;
  const handle = await start({ policy: 'nightly' });
  await until('a part of the dump', async () => (await namesIn(stage.store)).length === 1);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await rowsOf()).toMatchObject({ shop: { state: 'failed', error: { code: 'aborted' } } });
  expect(await namesIn(stage.store)).toEqual([]);
  expect(await listLocks(stage.catalog)).toEqual([]);
  expect((await listRuns(stage.catalog, { kind: 'backup', limit: 1 }))[0]).toMatchObject({ state: 'aborted' });
});

it('B40 what a terminated run left is ended by the next one with a reason, and its lock does not hold it up', async () => {
  stage.script.onDump = untilCancelled;
  const dead = await start({ policy: 'unproven' });
  await until('a part of the dump', async () => (await namesIn(stage.store)).length === 1);
  const { runId } = await dead.query(backupProgressQuery);
  const child = stage.client.workflow.getHandle(`backup/unproven/shop/${runId}`);
  await child.terminate('a test');
  await dead.terminate('a test');
  expect(await rowsOf()).toMatchObject({ shop: { state: 'created' } });
  stage.script.onDump = () => Promise.resolve();
  const result = await (await start({ policy: 'unproven' })).result();
  const rows = await listBackups(stage.catalog, { policy: 'unproven' });
  expect(rows.find((row) => row.runId === runId)).toMatchObject({ state: expect.stringMatching(/failed|deleted/) as string, error: { code: 'aborted', message: `run ${runId} ended without finishing this backup` } });
  expect(rows.find((row) => row.runId === result.runId)).toMatchObject({ state: 'stored' });
  expect((await listRuns(stage.catalog, { kind: 'backup', limit: 9 })).map(({ state }) => state)).toEqual(['completed', 'aborted']);
});

it.each([
  [{}, 'policy: Invalid input: expected string, received undefined'],
  [{ policy: 'nightly', policies: 'x' }, 'input: Unrecognized key: "policies"'],
  [{ policy: 'nightly', databases: [] }, 'databases: Too small'],
])('refuses %j at once and says what it wants', async (input, says) => {
  const handle = await start(input as never, `backup/wrong-${JSON.stringify(input).length}`);
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'input_invalid', details: [{ detail: expect.stringContaining(says) as string, hint: expect.stringContaining('"policy":"shop-nightly"') as string }] } });
});

it.each([
  [{ policy: 'nigtly' }, 'name_unknown'],
  [{ policy: 'nightly', databases: ['shp'] }, 'database_missing'],
])('refuses %j, which the inventory does not have', async (input, code) => {
  await expect((await start(input)).result()).rejects.toMatchObject({ cause: { type: code } });
  expect(await listLocks(stage.catalog)).toEqual([]);
});
