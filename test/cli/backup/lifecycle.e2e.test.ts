import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';

import { Secret } from '../../../domain/secret.ts';
import { startAzurite } from '../../../programs/azurite.ts';
import { stopDetached } from '../../../programs/detached-process.ts';
import { freePort } from '../../../programs/ports.ts';
import { openStore } from '../../../storage/open-store.ts';
import { pieces } from '../../storage/store-contract.ts';
import { FakeManagement } from '../../support/fake-management.ts';
import { secretFile } from '../../support/inventory-files.ts';
import { runCommand } from '../run-command.ts';

const TOKEN = 'eyJ0.very-secret.token';
const PLACE = { subscription: '11111111-2222-3333-4444-555555555555', resourceGroup: 'rg-shop' };
const key = new Secret(randomBytes(64).toString('base64'));
const folder = join(inject('runFolder'), 'lifecycle');
const pidFile = join(folder, 'process.json');
const management = new FakeManagement({ ...PLACE, account: 'nightly', token: TOKEN });
let base: string;
let endpoint: string;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  base = await management.start();
  endpoint = `${await startAzurite({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), pidFile, account: { name: 'nightly', key }, port: await freePort() })}/nightly`;
  await openStore({ kind: 'azure-blob', endpoint, account: 'nightly', container: 'backups', key, prefix: 'shop/' }).put({ name: 'a', content: pieces('x') });
});
afterAll(async () => {
  await management.stop();
  await stopDetached(pidFile);
});
beforeEach(() => void (management.rules = null));

async function check(how: { readonly token?: string; readonly env?: Readonly<Record<string, string>>; readonly words?: readonly string[] }) {
  const inventory = join(folder, 'pgconvoy.yaml');
  const store = { kind: 'azure-blob', endpoint, account: 'nightly', container: 'backups', prefix: 'shop', key: await secretFile(folder, 'key', key.reveal()), management: { ...PLACE, endpoint: base, ...(how.token === undefined ? {} : { token: await secretFile(folder, 'token', how.token) }) } };
  const policy = { server: 'db', databases: ['shop'], store: 'nightly', schedule: { cron: '30 4 * * *', timeZone: 'Europe/Berlin' }, retention: { keepLast: 7, daily: 7, weekly: 4, monthly: 12 } };
  await writeFile(inventory, JSON.stringify({ version: 1, servers: { db: { host: 'db.example.net', user: 'u' } }, stores: { nightly: store }, backups: { 'shop-nightly': policy } }));
  const { code, stdout, stderr } = await runCommand(['backup', 'check', 'shop-nightly', '--inventory', inventory, ...(how.words ?? [])], { env: how.env ?? {} });
  expect(stdout + stderr).not.toContain(TOKEN);
  return { code, stdout, stderr };
}

const ruleOf = ({ stdout }: { stdout: string }, id = 'store-lifecycle'): unknown => (JSON.parse(stdout) as { rules: { id: string }[] }).rules.find((rule) => rule.id === id);
const lifecycle = (name: string, baseBlob: object): object => ({ enabled: true, name, type: 'Lifecycle', definition: { filters: { blobTypes: ['blockBlob'], prefixMatch: ['backups/shop'] }, actions: { baseBlob } } });

it('B37 backup check blocks on a rule of the account that deletes before the policy does', async () => {
  management.rules = [lifecycle('clean-up', { tierToCold: { daysAfterModificationGreaterThan: 3 }, delete: { daysAfterModificationGreaterThan: 30 } })];
  const { code, stdout, stderr } = await check({ token: TOKEN });
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
  expect(stdout).toMatch(/✗ store-lifecycle +Rule "clean-up" deletes 30 days after the last modification; the policy/);
  expect(stdout).toMatch(/! store-cool-tiers +Rule "clean-up" moves to Cold 3 days/);
});

it('B37 backup check says that there are no rules only when the management says so', async () => {
  const none = await check({ token: TOKEN, words: ['--json'] });
  expect(none.code).toBe(0);
  expect(ruleOf(none)).toMatchObject({ state: 'ok', evidence: 'No lifecycle rule deletes or archives anything under backups/shop/.' });
  const refused = await check({ token: 'an-old.token', words: ['--json'] });
  expect(refused.code).toBe(0);
  expect(ruleOf(refused)).toMatchObject({ state: 'could-not-look', evidence: 'The management of account nightly does not take our token. It answered 401 InvalidAuthenticationToken.' });
  expect(ruleOf(refused, 'store-immutability')).toMatchObject({ state: 'ok' });
});

it('B37 backup check asks with the identity of the machine when the inventory names no token', async () => {
  management.rules = [lifecycle('freeze', { tierToArchive: { daysAfterModificationGreaterThan: 1 } })];
  const { code, stdout } = await check({ env: { IDENTITY_ENDPOINT: `${base}/msi/token`, IDENTITY_HEADER: 'let-me', AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential' } });
  expect(stdout).toMatch(/✗ store-lifecycle +Rule "freeze" archives 1 day after/);
  expect(code).toBe(4);
  expect(management.tokensFor).toEqual([base]);
});
