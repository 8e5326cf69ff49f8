import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, inject, it } from 'vitest';

import { exportAudit } from '../../catalog/export-audit.ts';
import { listBackups } from '../../catalog/backups.ts';
import { startBackup, startRestore, workflowResult } from '../../client/backups.ts';
import { Secret } from '../../domain/secret.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteIdent, quoteLiteral } from '../../postgres/quoting.ts';
import { startAzurite } from '../../programs/azurite.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { freePort } from '../../programs/ports.ts';
import { openBackupKey } from '../../storage/archive/key.ts';
import { runCommand } from '../cli/run-command.ts';
import { type BackupBed, backupBed } from '../support/backup-bed.ts';
import { catalogText, leaksIn, type Planted, watchCommandLines } from '../support/bed-leaks.ts';
import { testServer } from '../support/postgres.ts';
import { uniqueName } from '../support/unique-name.ts';

/** A superuser whose password has everything that a password file, a URL and a shell trip over. */
async function trickyLogin() {
  const login = { user: uniqueName('backup'), password: `p:a\\s's "${randomBytes(8).toString('hex')}" %41@/?&$ö` };
  const server = await testServer(15);
  const run = async (sql: string): Promise<void> => {
    await using session = await connect(server, { purpose: 'test' });
    await session.execute(sql);
  };
  await run(`CREATE ROLE ${quoteIdent(login.user)} SUPERUSER LOGIN PASSWORD ${quoteLiteral(login.password)}`);
  return { ...login, [Symbol.asyncDispose]: () => run(`DROP OWNED BY ${quoteIdent(login.user)}; DROP ROLE ${quoteIdent(login.user)}`) };
}

async function azurite() {
  const key = new Secret(randomBytes(64).toString('base64'));
  const folder = join(inject('runFolder'), uniqueName('azurite'));
  const pidFile = join(folder, 'process.json');
  const base = await startAzurite({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), pidFile, account: { name: 'nightly', key }, port: await freePort() });
  const keyFile = join(folder, 'store-key');
  writeFileSync(keyFile, key.reveal(), { mode: 0o600 });
  return { key, keyFile, endpoint: `${base}/nightly`, [Symbol.asyncDispose]: async () => {
    await stopDetached(pidFile);
    await rm(folder, { recursive: true, force: true });
  } };
}

async function historiesOf({ client }: BackupBed): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { workflowId, runId, status } of client.workflow.list()) texts[`history of ${workflowId} (${status.name})`] = historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory());
  return texts;
}

async function auditText({ catalog }: BackupBed): Promise<string> {
  let text = '';
  await exportAudit(catalog, async (lines) => {
    for await (const line of lines) text += line;
  });
  return text;
}

it('B43 no secret of a backup is in a history, a log, a command line, the catalog, the audit, the store or an error', async () => {
  mkdirSync(inject('runFolder'), { recursive: true });
  await using login = await trickyLogin();
  await using store = await azurite();
  await using bed = await backupBed({ login, store: { kind: 'azure-blob', endpoint: store.endpoint, account: 'nightly', container: 'backups', key: `file:${store.keyFile}` } });
  const shop = await bed.database();
  await bed.policy('nightly', { databases: [shop] });
  const key = openBackupKey(new Secret(bed.key));
  const planted: Planted = { 'key of backups': bed.key, 'key of backups in hex': Buffer.from(bed.key, 'base64').toString('hex'), 'key of the store': store.key.reveal(), 'password of the server': login.password, 'password of the catalog': bed.catalogPlace.server.password?.reveal() ?? '' };
  expect(Object.values(planted).every((secret) => secret.length > 12)).toBe(true);
  const commandLines = watchCommandLines(planted);
  await using worker = await bed.startWorker();

  await workflowResult(bed.client, await startBackup(bed.client, { policy: 'nightly', requestedBy: 'ada' }));
  const [backup] = await listBackups(bed.catalog, { policy: 'nightly' });
  expect(backup).toMatchObject({ state: 'proven', keyId: key.keyId });
  bed.dropAtEnd(`${shop}-copy`);
  await workflowResult(bed.client, await startRestore(bed.client, { backup: backup!.backupId, server: 'shop', database: `${shop}-copy`, requestedBy: 'ada' }));
  const shown = await runCommand(['backup', 'show', backup!.backupId, '--tables', '--files'], { env: bed.env });
  expect(shown.code).toBe(0);

  // The same with a wrong key of the store and a wrong key of backups: errors like to repeat what they were given.
  writeFileSync(join(bed.folder, 'backup.key'), randomBytes(32).toString('base64'));
  const unreadable: unknown = await workflowResult(bed.client, await startRestore(bed.client, { backup: backup!.backupId, server: 'shop', database: `${shop}-never`, requestedBy: 'ada' })).catch((error: unknown) => error);
  expect(unreadable).toMatchObject({ code: 'backup_key_missing', message: expect.stringContaining(key.keyId) as string });
  writeFileSync(store.keyFile, randomBytes(64).toString('base64'));
  const refused: unknown = await workflowResult(bed.client, await startBackup(bed.client, { policy: 'nightly', requestedBy: 'ada' })).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'store_refused' });

  const dataKey = key.unwrap(backup!.wrappedKey!, backup!.backupId).reveal();
  const all: Planted = { ...planted, 'key of the data': dataKey.toString('base64'), 'key of the data in hex': dataKey.toString('hex') };
  const places = {
    ...(await historiesOf(bed)),
    'log of the worker': await worker.log(),
    catalog: await catalogText(bed.catalog),
    'audit export': await auditText(bed),
    'text of the command line': shown.stdout + shown.stderr,
    errors: `${String(unreadable)} ${JSON.stringify(unreadable)} ${String(refused)} ${JSON.stringify(refused)}`,
    'manifest and objects': await readFile(join(store.keyFile, '../data/__azurite_db_blob__.json'), 'utf8'),
  };
  expect(Object.keys(places).filter((place) => place.startsWith('history')).length).toBeGreaterThanOrEqual(7);
  for (const [place, text] of Object.entries(places)) expect(text.length, place).toBeGreaterThan(10);
  // The search finds what is there.
  expect(['catalog', 'audit export', 'text of the command line'].flatMap((place) => leaksIn(place, places[place as keyof typeof places], { name: shop }))).toHaveLength(3);
  expect(leaksIn('histories', Object.entries(places).filter(([place]) => place.startsWith('history')).map(([, text]) => text).join('\n'), { name: shop })).toHaveLength(1);
  expect([...Object.entries(places).flatMap(([place, text]) => leaksIn(place, text, all)), ...commandLines()]).toEqual([]);
});
