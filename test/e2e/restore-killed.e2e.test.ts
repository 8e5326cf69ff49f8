import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { latestAudit } from '../../catalog/audit-rows.ts';
import { listProofs } from '../../catalog/backup-proofs.ts';
import { listBackups, readBackup } from '../../catalog/backups.ts';
import { type RestoreBackupResult, startBackup, startProof, startRestore, type VerifyBackupResult, workflowResult } from '../../client/backups.ts';
import { canonicalJson, type Json } from '../../domain/canonical-json.ts';
import { Secret } from '../../domain/secret.ts';
import { connect } from '../../postgres/connection.ts';
import { openBackupKey } from '../../storage/archive/key.ts';
import { type BackupBed, backupBed } from '../support/backup-bed.ts';
import { holdUp } from '../support/bed-hold.ts';
import { until } from '../support/bed-wait.ts';
import { sameDatabases } from '../support/same-databases.ts';

/** So that there is something to be in the middle of: many rows, which take their time, and indexes on them. */
const BALLAST = `
  CREATE TABLE shop.ballast AS SELECT g AS id, md5(g::text) || md5((-g)::text) AS filler FROM generate_series(1, 400000) g;
  CREATE INDEX ON shop.ballast (filler); CREATE INDEX ON shop.ballast (reverse(filler)); ALTER TABLE shop.ballast ADD PRIMARY KEY (id)`;
const POLICY = 'by-hand';

let bed: BackupBed;
let database: string;
let backupId: string;
beforeAll(async () => {
  bed = await backupBed();
  database = await bed.database(BALLAST);
  await bed.policy(POLICY, { databases: [database], proof: { after: 'never' } });
  await using _worker = await bed.startWorker();
  await workflowResult(bed.client, await startBackup(bed.client, { policy: POLICY, requestedBy: 'ada' }));
  backupId = (await listBackups(bed.catalog, { policy: POLICY }))[0]!.backupId;
});
afterAll(async () => await bed[Symbol.asyncDispose]());

it('a worker that is killed in the middle of a restore leaves a whole database in the end, by what it had finished', async () => {
  const target = `${database}-again`;
  bed.dropAtEnd(target);
  const first = await bed.startWorker();
  const started = await startRestore(bed.client, { backup: backupId, server: 'shop', database: target, requestedBy: 'ada' });
  await using maintenance = await connect(bed.server, { purpose: 'test' });
  const restoring = async (): Promise<string | undefined> => (await maintenance.maybeRow<{ name: string }>("SELECT datname AS name FROM pg_database WHERE datname LIKE 'pgconvoy_restore_%'"))?.name;
  await until('the rows are in and an index is not', async () => {
    const name = await restoring();
    if (name === undefined) return false;
    await using inside = await connect(bed.server, { purpose: 'test', database: name }).catch(() => undefined);
    const run = name.replace('restore_', '');
    const there = await inside?.row<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [`"${run}".done`]);
    return there?.there === true && (await inside!.rows(`SELECT FROM "${run}".done WHERE step LIKE 'rows %'`)).length > 2;
  });
  first.freeze();
  expect(await restoring()).toBeDefined();
  expect(await maintenance.rows('SELECT FROM pg_database WHERE datname = $1', [target])).toEqual([]);
  await first.kill();
  await using _second = await bed.startWorker();
  const result = await workflowResult<RestoreBackupResult>(bed.client, started);
  expect(result.resumed).toMatch(/^went on behind \d+ parts of \d+/);
  expect(await restoring()).toBeUndefined();
  const { differences } = await sameDatabases({ source: { server: bed.server, database }, target: { server: bed.server, database: target }, ignoreKinds: ['database'] });
  expect(differences).toEqual([]);
});

it('a restore that is called off leaves nothing behind', async () => {
  await using _worker = await bed.startWorker();
  const target = `${database}-not`;
  bed.dropAtEnd(target);
  await using maintenance = await connect(bed.server, { purpose: 'test' });
  // Other tests restore to the same server.
  const before = (await maintenance.rows<{ datname: string }>('SELECT datname FROM pg_database')).map(({ datname }) => datname);
  const made = async () => await maintenance.rows<{ datname: string }>('SELECT datname FROM pg_database WHERE datname <> ALL ($1)', [before]);
  const started = await startRestore(bed.client, { backup: backupId, server: 'shop', database: target, requestedBy: 'ada' });
  // It cannot come to its end before the worker has heard that it is not wanted.
  const hold = await until('a table to stand in its way with', async () => {
    const [restoring] = await made();
    return restoring !== undefined && (await holdUp(bed.server, restoring.datname, 'LOCK TABLE shop.ballast').catch(() => undefined));
  });
  await hold.waited();
  const run = bed.client.workflow.getHandle(started.workflowId);
  await run.cancel();
  // The answer to a heartbeat tells the worker, which may then be through with it before we look.
  const CANCEL_REQUESTED = 3; // of PendingActivityState
  const step = async () => (await run.describe()).raw.pendingActivities?.[0];
  const heartbeat = async (): Promise<number> => Number((await step())?.lastHeartbeatTime?.seconds ?? Infinity);
  await until('the cancellation to reach the step', async () => ((await step())?.state ?? CANCEL_REQUESTED) === CANCEL_REQUESTED);
  const last = await heartbeat();
  await until('another heartbeat, and its answer', async () => (await heartbeat()) >= last + 2);
  await hold.release();
  await expect(workflowResult(bed.client, started)).rejects.toBeDefined();
  expect(await made()).toEqual([]);
});

it('B63 a worker that is killed in the middle of a proof leaves a verdict in the end, and no server', async () => {
  const first = await bed.startWorker();
  const started = await startProof(bed.client, { backup: backupId, requestedBy: 'ada' });
  const scratch = join(bed.folder, 'staging-scratch');
  await until('the throwaway server runs', async () => await Promise.resolve(globSync(join(scratch, '*', 'data', 'postmaster.pid')).length > 0));
  await first.killAlone();
  expect(globSync(join(scratch, '*'))).toHaveLength(1);
  await using _second = await bed.startWorker();
  expect(await workflowResult<VerifyBackupResult>(bed.client, started)).toMatchObject({ verdict: 'proven' });
  expect(globSync(join(scratch, '*'))).toEqual([]);
});

it('B31, B39 a restore that finds damage takes the backup out of the count, until a proof finds it whole', async () => {
  await using _worker = await bed.startWorker();
  const { prefix } = await readBackup(bed.catalog, backupId);
  const [file] = globSync(join(bed.storeFolder, prefix, 'files', '[0-9]*.dat.zst.sealed'));
  const whole = await readFile(file!);
  const bytes = Buffer.from(whole);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(file!, bytes);
  await using session = await connect(bed.server, { purpose: 'test' });
  const restore = async (which: { backup: string } | { newest: string }) => await workflowResult(bed.client, await startRestore(bed.client, { ...which, server: 'shop', database: `${database}-damaged`, requestedBy: 'ada' }));
  const error = (await restore({ backup: backupId }).catch((thrown: unknown) => thrown)) as { code: string; context: { quarantine: string } };
  expect(error).toMatchObject({ code: 'backup_damaged', detail: expect.stringMatching(/object .*\.dat\.zst\.sealed of backup .* is damaged: /) as string });
  await session.execute(`ALTER DATABASE ${error.context.quarantine} WITH ALLOW_CONNECTIONS true; `);
  await session.execute(`DROP DATABASE ${error.context.quarantine}`);
  expect(await readBackup(bed.catalog, backupId)).toMatchObject({ state: 'rejected', error: { code: 'backup_damaged' } });
  expect((await latestAudit(bed.catalog, { limit: 20 })).filter(({ action }) => action === 'backup.reject')).toMatchObject([{ actor: 'ada', object: `backup ${backupId}` }]);
  await expect(restore({ newest: POLICY })).rejects.toMatchObject({ code: 'backup_unknown' });
  await writeFile(file!, whole);
  await workflowResult(bed.client, await startProof(bed.client, { backup: backupId, requestedBy: 'ada' }));
  expect(await readBackup(bed.catalog, backupId)).toMatchObject({ state: 'proven', error: null });
});

it('keeps signed evidence beside the backup, and rejects what was damaged since, with the reason', async () => {
  await using _worker = await bed.startWorker();
  const { prefix } = await readBackup(bed.catalog, backupId);
  const [proof] = await listProofs(bed.catalog, backupId);
  const files = globSync(join(bed.storeFolder, prefix, '..', 'proofs', backupId, '*.json'));
  expect(files).toHaveLength(2);
  const kept = JSON.parse(await readFile(files.toSorted()[0]!, 'utf8')) as { evidence: Json; signature: { keyId: string; value: string } };
  expect(kept.evidence).toEqual(proof?.evidence);
  expect(openBackupKey(new Secret(bed.key)).verify(canonicalJson(kept.evidence), kept.signature.value)).toBe(true);
  const [file] = globSync(join(bed.storeFolder, prefix, 'files', '[0-9]*.dat.zst.sealed'));
  const bytes = await readFile(file!);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(file!, bytes);
  const result = await workflowResult<VerifyBackupResult>(bed.client, await startProof(bed.client, { backup: backupId, requestedBy: 'ada' }));
  expect(result).toMatchObject({ verdict: 'rejected', problem: { code: 'proof_failed', detail: expect.stringMatching(/^object .*\.dat\.zst\.sealed of backup .* is damaged: /) as string } });
  expect(await readBackup(bed.catalog, backupId)).toMatchObject({ state: 'rejected' });
});
