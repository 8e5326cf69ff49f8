import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { listProofs } from '../../catalog/backup-proofs.ts';
import { listLocks } from '../../catalog/backup-locks.ts';
import { listBackups } from '../../catalog/backups.ts';
import { verifyAudit } from '../../catalog/verify-audit.ts';
import { type BackUpServerResult, startBackup, workflowResult } from '../../client/backups.ts';
import { connect } from '../../postgres/connection.ts';
import { CONTROL_QUEUE } from '../../workflows/messages.ts';
import { runCommand } from '../cli/run-command.ts';
import { type BackupBed, backupBed } from '../support/backup-bed.ts';
import { until } from '../support/bed-wait.ts';
import { uniqueName } from '../support/unique-name.ts';

let bed: BackupBed;
beforeAll(async () => void (bed = await backupBed()));
afterAll(async () => await bed[Symbol.asyncDispose]());

const night = async (policy: string): Promise<BackUpServerResult> => await workflowResult<BackUpServerResult>(bed.client, await startBackup(bed.client, { policy, requestedBy: 'ada' }));

/** Enough that a dump does not end at once, and little of it compresses. */
const BALLAST = `CREATE TABLE shop.ballast AS SELECT g AS id, md5(g::text) || md5((-g)::text) || md5((g * 7)::text) AS filler FROM generate_series(1, 1200000) g`;

describe('a night of a policy', () => {
  it('backs up, proves and keeps count, also of names that need quoting', async () => {
    await using _worker = await bed.startWorker();
    const [shop, odd] = [await bed.database(), await bed.database()];
    await using session = await connect(bed.server, { purpose: 'test' });
    const quoted = `${shop} "x"/ü`;
    await session.execute(`CREATE DATABASE "${quoted.replaceAll('"', '""')}" TEMPLATE "${odd}"`);
    bed.dropAtEnd(quoted);
    await bed.policy('plain', { databases: [shop, quoted], proof: { smoke: [{ name: 'customers', sql: 'SELECT count(*) FROM shop.customer', expect: 2000 }] } });
    const result = await night('plain');
    expect(result).toMatchObject({ sealed: true, databases: [{ database: shop, state: 'proven' }, { database: quoted, state: 'proven' }], expiry: { kept: 2, deleted: 0 } });
    const backups = await listBackups(bed.catalog, { policy: 'plain' });
    expect(backups).toHaveLength(2);
    expect(new Set(backups.map(({ prefix }) => prefix)).size).toBe(2);
    expect(await listProofs(bed.catalog, backups[0]!.backupId)).toMatchObject([{ verdict: 'proven', signature: expect.any(String) as string }]);
    expect(await listLocks(bed.catalog)).toEqual([]);
    expect((await verifyAudit(bed.catalog)).broken).toBeUndefined();
    // The third and fourth night push out the first: two are kept.
    for (const _ of [2, 3]) await night('plain');
    expect((await listBackups(bed.catalog, { policy: 'plain' })).map(({ database, state }) => `${database} ${state}`).toSorted()).toEqual([`${quoted} proven`, `${quoted} proven`, `${shop} proven`, `${shop} proven`]);
  });

  it('a worker that is killed in the middle of the dump leaves a finished, proven backup in the end', async () => {
    const shop = await bed.database(BALLAST);
    // Another try is another policy: what the one before left is none of its own.
    const policy = uniqueName('killed');
    await bed.policy(policy, { databases: [shop], staging: { folder: join(bed.folder, 'small'), limit: '16MB' } });
    const before = new Set(await bed.storedFiles());
    const first = await bed.startWorker();
    const started = await startBackup(bed.client, { policy, requestedBy: 'ada' });
    const fresh = async (): Promise<string[]> => (await bed.storedFiles()).filter((name) => !before.has(name));
    // Not of the object with which a worker tries a store before its first backup in it.
    await until('the first block of the dump in the store', async () => (await fresh()).some((name) => !name.startsWith('self-test')));
    first.freeze();
    expect((await fresh()).filter((name) => name.endsWith('manifest.json'))).toEqual([]);
    const [begun] = await listBackups(bed.catalog, { policy });
    expect(begun).toMatchObject({ state: 'created' });
    await first.kill();
    await using _second = await bed.startWorker();
    const result = await workflowResult<BackUpServerResult>(bed.client, started);
    expect(result).toMatchObject({ databases: [{ state: 'proven', backupId: begun!.backupId }] });
    expect(await listBackups(bed.catalog, { policy })).toHaveLength(1);
    expect((await fresh()).filter((name) => name.includes('.being-put'))).toEqual([]);
  });

  it('is started by the JSON object of the samples, as the page of Temporal gives it', async () => {
    await using _worker = await bed.startWorker();
    const shop = await bed.database();
    await bed.policy('shop-nightly', { databases: [shop] });
    const sample = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(import.meta.dirname, '../../samples', name), 'utf8')) as unknown;
    const run = async (type: string, input: unknown): Promise<unknown> => await bed.client.workflow.execute(type, { workflowId: `by-hand/${type}`, taskQueue: CONTROL_QUEUE, args: [input] });
    expect(await run('backUpServer', await sample('back-up.json'))).toMatchObject({ databases: [{ database: shop, state: 'proven' }] });
    expect(await run('backUpDatabase', { ...((await sample('back-up-database.json')) as object), database: shop })).toMatchObject({ backupId: expect.any(String) as string });
    expect(await run('verifyBackup', await sample('verify-backup.json'))).toMatchObject({ verdict: 'proven' });
    bed.dropAtEnd(`${shop}-restored`);
    expect(await run('restoreBackup', { ...((await sample('restore-backup.json')) as object), server: 'shop', database: `${shop}-restored` })).toMatchObject({ database: `${shop}-restored`, leftOut: [] });
    await using restored = await connect(bed.server, { purpose: 'test', database: `${shop}-restored` });
    expect(await restored.row('SELECT count(*) AS count FROM shop.customer')).toEqual({ count: 2000 });
    expect(await run('expireBackups', await sample('expire-backups.json'))).toMatchObject({ kept: 2, deleted: [] });
  });
});

describe('the command line', () => {
  it('runs, lists, shows, verifies, restores and holds', async () => {
    await using _worker = await bed.startWorker();
    const shop = await bed.database();
    await bed.policy('by-hand', { databases: [shop] });
    const call = async (...words: string[]) => await runCommand(['backup', ...words], { env: bed.env });
    const run = await call('run', 'by-hand', '--wait');
    expect(run.stderr.split('\n')[0]).toBe(`▶ ${shop}  is dumped`);
    expect(run.stderr).toContain(`✓ ${shop}  stored as `);
    expect(run.stdout).toMatch(new RegExp(`^✓ ${shop}  \\S+ is proven, `));
    expect(run.code).toBe(0);
    const listed = JSON.parse((await call('list', '--policy', 'by-hand', '--proven', '--json')).stdout) as { backups: { backupId: string }[] };
    const { backupId } = listed.backups[0]!;
    const shown = await call('show', backupId);
    expect(shown.stdout).toContain('encrypted and signed');
    expect(shown.stdout).toMatch(/^shop\.customer +2,000 /m);
    expect(shown.stdout).toMatch(/^By hand, without pgconvoy:$/m);
    expect(shown.stdout).toMatch(/^ {2}2\. node unseal\.mjs .*\n {2}3\. find archive .*\n {2}4\. pg_restore .* archive /m);
    expect((await call('verify', '--newest', 'by-hand')).stdout).toMatch(new RegExp(`^Backup ${backupId} of database "${shop}" is proven, in `));
    const target = ['--server', 'shop', '--database', `${shop}-cli`];
    bed.dropAtEnd(`${shop}-cli`);
    const dry = await call('restore', backupId, ...target, '--tables', 'shop.customer', '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({ backupId, state: 'proven', tables: 1, rows: 2000, problems: [] });
    expect((await call('restore', '--newest', 'by-hand', ...target, '--schemas', 'shop')).stdout).toMatch(new RegExp(`^Backup ${backupId} is restored into database "${shop}-cli" on server "shop": `));
    const again = await call('restore', backupId, ...target);
    expect(again).toMatchObject({ code: 4, stdout: '' });
    expect(again.stderr).toContain('ERROR:');
    expect((await call('hold', backupId, '--reason', 'before the upgrade', '--by', 'ada')).code).toBe(0);
    expect((await call('list', '--policy', 'by-hand')).stdout).toContain('before the upgrade');
  });
});
