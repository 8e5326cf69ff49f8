import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { latestAudit } from '../../catalog/audit-rows.ts';
import { recordProof } from '../../catalog/backup-proofs.ts';
import { changeBackup, type NewBackup, readBackup, recordBackup } from '../../catalog/backups.ts';
import { openBackupKey } from '../../storage/archive/key.ts';
import { Secret } from '../../domain/secret.ts';
import { freshCatalog, type FreshCatalog } from '../catalog/fresh-catalog.ts';
import { inventoryFile, testFolder } from '../config/inventory-file.ts';
import { callCommand, type Ended } from './call-command.ts';

const INVENTORY = `version: 1
servers: { shop: { host: h, user: u } }
stores: { disk: { kind: directory, path: store } }
backups: { nightly: { server: shop, databases: all, store: disk }, other: { server: shop, databases: all, store: disk } }`;

const BACKUP: NewBackup = { backupId: '20261120T020000Z-0123abcd', runId: 'r1', policy: 'nightly', server: 'shop', systemId: '7', database: 'shop', store: 'disk', prefix: '7/shop/20261120T020000Z-0123abcd/', wrappedKey: null, keyId: null };

const catalogUrl = ({ database: { server, name } }: FreshCatalog): string => `postgres://${server.user}:${encodeURIComponent(server.password?.reveal() ?? '')}@${server.host}:${server.port}/${name}`;
const caller = (fresh: FreshCatalog, inventory = inventoryFile(INVENTORY)) => async (...words: string[]): Promise<Ended> => await callCommand(['backup', ...words, '--inventory', inventory], { PGCONVOY_CATALOG: catalogUrl(fresh) });

/** Three backups: the newest is not proven, the middle one is, the oldest failed. */
async function plant({ catalog }: FreshCatalog): Promise<void> {
  const plans = [['a', 'failed', '2026-11-18'], ['b', 'proven', '2026-11-19'], ['c', 'stored', '2026-11-20']] as const;
  for (const [mark, state, day] of plans) {
    const backupId = `${day.replaceAll('-', '')}T020000Z-0000000${mark}`;
    await recordBackup(catalog, { ...BACKUP, backupId, runId: `run-${mark}`, prefix: `7/shop/${backupId}/` });
    await changeBackup(catalog, backupId, { snapshotAt: `${day}T02:00:00Z`, storedBytes: 5_000_000, rawBytes: 9_000_000, rows: 1234 });
    if (state === 'failed') await changeBackup(catalog, backupId, { state, error: { code: 'disk_full', message: 'no room' } });
    else await changeBackup(catalog, backupId, { state: 'stored' });
    if (state === 'proven') {
      await recordProof(catalog, { backupId, runId: 'p1', verdict: 'proven', evidence: { reasons: [] }, seconds: { restore: 2.5 }, signature: 'c2ln' });
      await changeBackup(catalog, backupId, { state, restoreSeconds: 2.5 });
    }
  }
}

it('lists backups, all or those that were proven', async () => {
  await using fresh = await freshCatalog();
  const call = caller(fresh);
  expect((await call('list')).stdout).toBe('There is no such backup.\n');
  await plant(fresh);
  const lines = (await call('list')).stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^backup +policy +server +database +state +snapshot +stored +rows +restore +hold/);
  expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 9))).toEqual([
    ['20261120T020000Z-0000000c', 'nightly', 'shop', 'shop', 'stored', '2026-11-20T02:00:00Z', '4.8 MB', '1,234'],
    ['20261119T020000Z-0000000b', 'nightly', 'shop', 'shop', 'proven', '2026-11-19T02:00:00Z', '4.8 MB', '1,234', '2.5 s'],
    ['20261118T020000Z-0000000a', 'nightly', 'shop', 'shop', 'failed', '2026-11-18T02:00:00Z', '4.8 MB', '1,234'],
  ]);
  const proven = JSON.parse((await call('list', '--proven', '--json')).stdout) as { backups: { backupId: string }[] };
  expect(proven.backups.map(({ backupId }) => backupId)).toEqual(['20261119T020000Z-0000000b']);
  expect((await call('list', '--policy', 'other')).stdout).toBe('There is no such backup.\n');
});

it('shows what the catalog knows of a backup, and that the store does not have it', async () => {
  await using fresh = await freshCatalog();
  await plant(fresh);
  const call = caller(fresh);
  const { code, stdout } = await call('show', '20261119T020000Z-0000000b');
  expect(code).toBe(7);
  expect(stdout).toContain('backup 20261119T020000Z-0000000b of database shop on server shop: proven');
  expect(stdout).toContain('key       NONE: neither encrypted nor signed');
  expect(stdout).toContain('object 7/shop/20261119T020000Z-0000000b/manifest.json is not in the store');
  expect(stdout).toMatch(/^proven \S+Z by run p1 \(restore 2\.5 s\), signed$/m);
  const failed = await call('show', '20261118T020000Z-0000000a');
  expect(failed).toMatchObject({ code: 0, stdout: expect.stringContaining('ERROR:  no room') as string });
  expect(JSON.parse((await call('show', '20261118T020000Z-0000000a', '--json')).stdout)).toMatchObject({ backup: { state: 'failed' }, proofs: [], manifest: null, problem: null });
});

it('holds and releases, with who and why in the audit', async () => {
  await using fresh = await freshCatalog();
  await plant(fresh);
  const call = caller(fresh);
  const id = '20261119T020000Z-0000000b';
  expect(await call('hold', id, '--reason', 'before the upgrade', '--by', 'ada')).toEqual({ code: 0, stdout: `Backup ${id} is held: nothing removes it until \`pgconvoy backup release ${id}\`.\n`, stderr: '' });
  expect((await readBackup(fresh.catalog, id)).hold).toMatchObject({ by: 'ada', reason: 'before the upgrade' });
  expect((await call('list')).stdout).toContain('before the upgrade');
  expect((await call('release', id, '--reason', 'it went well', '--by', 'bob')).stdout).toMatch(/^Backup \S+ is held no more: it was since \S+, by ada, because "before the upgrade"\.\n$/);
  expect((await readBackup(fresh.catalog, id)).hold).toBeNull();
  expect((await latestAudit(fresh.catalog, { limit: 9 })).map(({ actor, action, detail }) => [actor, action, (detail as { reason: string }).reason])).toEqual([['ada', 'backup.hold', 'before the upgrade'], ['bob', 'backup.release', 'it went well']]);
  expect(await call('hold', '20261118T020000Z-0000000a', '--reason', 'x')).toMatchObject({ code: 2, stderr: 'ERROR:  backup "20261118T020000Z-0000000a" is failed and cannot be held\n' });
  expect(await call('hold', id)).toMatchObject({ code: 2, stderr: expect.stringContaining("required option '--reason <text>' not specified") as string });
});

it('says what is wrong with what was typed before Temporal is asked', async () => {
  await using fresh = await freshCatalog();
  await plant(fresh);
  const call = caller(fresh);
  const target = ['--server', 'shop', '--database', 'new'];
  expect(await call('run', 'nigtly')).toMatchObject({ code: 3, stderr: 'ERROR:  backup policy "nigtly" is not in the inventory\nDETAIL:  The inventory has the backup policies nightly, other.\nHINT:  Did you mean nightly?\n' });
  expect(await call('verify')).toMatchObject({ code: 2, stderr: 'ERROR:  either the id of a backup or --newest <policy> is needed\nHINT:  Run `pgconvoy backup list`.\n' });
  expect(await call('verify', 'b9')).toMatchObject({ code: 2, stderr: 'ERROR:  backup "b9" is not in the catalog\nHINT:  Run `pgconvoy backup list`.\n' });
  expect(await call('verify', '--newest', 'other')).toMatchObject({ code: 2, stderr: 'ERROR:  policy "other" has no backup\nHINT:  Run `pgconvoy backup list`.\n' });
  expect(await call('restore', 'b9', '--server', 'shp', '--database', 'new')).toMatchObject({ code: 3, stderr: expect.stringContaining('server "shp" is not in the inventory') as string });
  await fresh.catalog.sessions.use((session) => session.execute(`UPDATE pgconvoy.backup SET policy = 'other' WHERE state = 'stored'`));
  expect(await call('restore', '--newest', 'other', ...target)).toMatchObject({ code: 2, stderr: 'ERROR:  policy "other" has no proven backup\nHINT:  Run `pgconvoy backup list`; one that is not proven can be restored by its id.\n' });
  await fresh.catalog.sessions.use((session) => session.execute(`UPDATE pgconvoy.backup SET policy = 'nightly', state = 'proven'; UPDATE pgconvoy.backup SET database = 'blog' WHERE backup_id LIKE '%c'`));
  expect(await call('restore', '--newest', 'nightly', ...target)).toMatchObject({ code: 2, stderr: 'ERROR:  policy "nightly" has backups of 2 databases\nHINT:  Say of which, with `--of`: blog, shop.\n' });
});

it('makes keys: to a pipe, or to a file that nobody else reads and that is never replaced', async () => {
  const piped = await callCommand(['backup', 'keygen']);
  expect(piped.code).toBe(0);
  const { keyId } = openBackupKey(new Secret(piped.stdout.trim()));
  expect(piped.stderr).toBe(`NOTE:  its id is ${keyId}. Keep a copy away from the backups: without it they are lost.\n`);
  const output = join(testFolder(), 'backup.key');
  const written = await callCommand(['backup', 'keygen', '--output', output, '--json']);
  const text = readFileSync(output, 'utf8');
  expect(JSON.parse(written.stdout)).toEqual({ output, keyId: openBackupKey(new Secret(text.trim())).keyId });
  expect(written.stdout + written.stderr).not.toContain(text.trim());
  expect(statSync(output).mode & 0o777).toBe(0o600);
  expect(await callCommand(['backup', 'keygen', '--output', output])).toMatchObject({ code: 2, stderr: `ERROR:  could not write file ${output}\nDETAIL:  It is there already, and is not replaced.\nHINT:  Choose another name.\n` });
  expect(readFileSync(output, 'utf8')).toBe(text);
  expect(await callCommand(['backup', 'keygen', '--json'])).toMatchObject({ code: 2 });
});

it('needs neither Temporal nor a store that answers to look at backups', async () => {
  await using fresh = await freshCatalog();
  await plant(fresh);
  const inventory = inventoryFile(INVENTORY.replace('path: store', 'path: /dev/null/nowhere'));
  expect((await caller(fresh, inventory)('list')).code).toBe(0);
  const shown = await caller(fresh, inventory)('show', '20261120T020000Z-0000000c');
  expect(shown.stdout).toContain('Never proven.');
});
