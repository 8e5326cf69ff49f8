import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import { Secret } from '../../../domain/secret.ts';
import type { ManagedAccount } from '../../../domain/store-address.ts';
import { readLifecycle } from '../../../providers/azure/lifecycle.ts';
import { FakeManagement, HANG_UP, SILENT, type Trouble } from '../../support/fake-management.ts';

const TOKEN = 'eyJ0.very-secret.token';
const PLACE = { subscription: '11111111-2222-3333-4444-555555555555', resourceGroup: 'rg (one)', account: 'acc' };
const LIMITS = { attempts: 3, delayMs: 1, longestDelayMs: 1000, requestMs: 30_000 };
const RULE = { enabled: true, name: 'old', type: 'Lifecycle', definition: { filters: { blobTypes: ['blockBlob'], prefixMatch: ['backups/'] }, actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } }, snapshot: { delete: { daysAfterCreationGreaterThan: 30 } } } } };

const management = new FakeManagement({ ...PLACE, token: TOKEN });
let account: ManagedAccount;

beforeAll(async () => void (account = { ...PLACE, endpoint: await management.start(), token: new Secret(TOKEN) }));
afterAll(async () => await management.stop());
beforeEach(() => Object.assign(management, { rules: [RULE], trouble: undefined, asked: 0 }));

it('B37 reads the rules of an account, and knows when it has none', async () => {
  expect(await readLifecycle(account, LIMITS)).toEqual({ ok: [{ name: 'old', prefixes: ['backups/'], actions: [{ kind: 'delete', days: 30, since: 'the last modification' }] }] });
  management.rules = null;
  expect(await readLifecycle(account, LIMITS)).toEqual({ ok: [] });
});

it.each<[string, Partial<ManagedAccount>, string, string, string]>([
  ['a token that is not taken', { token: new Secret('another-secret.token') }, 'management_refused', 'does not take our token', 'It answered 401 InvalidAuthenticationToken.'],
  ['another account', { account: 'other' }, 'management_refused', 'does not know account other', 'It answered 404 ResourceNotFound.'],
  ['another resource group', { resourceGroup: 'other' }, 'management_refused', 'resource group other', 'It answered 404 ResourceGroupNotFound.'],
  ['another subscription', { subscription: '11111111-2222-3333-4444-000000000000' }, 'management_refused', 'of subscription 11111111-2222-3333-4444-000000000000', 'It answered 404 SubscriptionNotFound.'],
  ['a token with a line end', { token: new Secret('very-secret.token\nx') }, 'management_refused', 'is not a token', 'It has blanks, line ends or other characters that none has.'],
])('%s is told, and is never taken for an account without rules', async (_, other, code, message, detail) => {
  const fact = await readLifecycle({ ...account, ...other }, LIMITS);
  expect(fact).toMatchObject({ failed: { code, message: expect.stringContaining(message), detail } });
  expect(JSON.stringify(fact)).not.toContain('secret.token');
});

it.each<[string, Trouble, string, string, number]>([
  ['403', { status: 403, code: 'AuthorizationFailed' }, 'may not read the lifecycle rules', 'It answered 403 AuthorizationFailed.', 1],
  ['404 of something else', { status: 404, text: '<html>not here</html>' }, 'does not know account', 'It answered 404.', 1],
  ['429 that lasts', { status: 429, code: 'TooManyRequests' }, 'is asked too often', 'It answered 429 TooManyRequests.', 3],
  ['429 that asks for more than a person waits', { status: 429, code: 'TooManyRequests', headers: { 'retry-after': '300' } }, 'is asked too often', 'It answered 429 TooManyRequests.', 1],
  ['503 that lasts', { status: 503, code: 'ServerTimeout' }, 'of account acc failed', 'It answered 503 ServerTimeout.', 3],
  ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'an answer that we do not know', 'It answered 302 Unspecified.', 1],
  ['a page instead of an answer', { status: 200, text: '<html>sign in</html>' }, 'could not be understood', 'It has no list of rules.', 1],
  ['a connection that breaks', { status: HANG_UP }, 'does not answer', 'The connection could not be made or broke (', 3],
])('%s is told apart, without the token', async (_, trouble, message, detail, asked) => {
  management.trouble = trouble;
  const fact = await readLifecycle(account, LIMITS);
  expect(fact).toMatchObject({ failed: { message: expect.stringContaining(message), detail: expect.stringContaining(detail) } });
  expect(management.asked).toBe(asked);
  expect(JSON.stringify(fact)).not.toContain('secret');
});

it('what passes is waited out', async () => {
  management.trouble = { status: 503, code: 'ServerBusy', headers: { 'retry-after': '0' }, times: 2 };
  expect(await readLifecycle(account, LIMITS)).toMatchObject({ ok: [{ name: 'old' }] });
});

it('an answer that does not come is not waited for without end', async () => {
  management.trouble = { status: SILENT };
  expect(await readLifecycle(account, { ...LIMITS, attempts: 1, requestMs: 100 })).toMatchObject({ failed: { code: 'management_failed', message: expect.stringContaining('does not answer'), detail: 'It did not answer in time.' } });
});

it('a machine without an identity is told so, and nothing is asked', async () => {
  const { token: _, ...tokenless } = account;
  vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'EnvironmentCredential');
  expect(await readLifecycle(tokenless, LIMITS)).toMatchObject({ failed: { code: 'management_refused', message: `no identity of this machine has a token for ${account.endpoint}`, hint: expect.stringContaining('az login') } });
  vi.unstubAllEnvs();
  expect(management.asked).toBe(0);
});
