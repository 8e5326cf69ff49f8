import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { Secret } from '../../domain/secret.ts';
import type { AzureBlobAddress } from '../../domain/store-address.ts';
import { startAzurite } from '../../programs/azurite.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { freePort } from '../../programs/ports.ts';
import { openStore } from '../../storage/open-store.ts';
import { PATIENCE } from '../../storage/patience.ts';
import { holdContract, pieces } from './store-contract.ts';

const key = new Secret(randomBytes(64).toString('base64'));
const folder = join(inject('runFolder'), 'azurite-contract');
const pidFile = join(folder, 'process.json');
let endpoint = '';

beforeAll(async () => {
  const base = await startAzurite({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), pidFile, account: { name: 'contract', key }, port: await freePort() });
  endpoint = `${base}/contract`;
});
afterAll(async () => void (await stopDetached(pidFile)));

const addressOf = (more: Partial<AzureBlobAddress> = {}): AzureBlobAddress => ({ kind: 'azure-blob', endpoint, account: 'contract', container: `dumps-${randomBytes(4).toString('hex')}`, key, prefix: 'some/where/', ...more });

describe('the Azure Blob store', () => holdContract(() => openStore(addressOf())));

it('says that the key is wrong, and does not try again', async () => {
  const store = openStore(addressOf({ key: new Secret(randomBytes(64).toString('base64')) }));
  await expect(store.put({ name: 'x', content: pieces('x') })).rejects.toMatchObject({ code: 'store_refused', detail: 'The store answered 403 AuthorizationFailure.' });
});

it('says that nobody answers', async () => {
  const store = openStore(addressOf({ endpoint: `http://127.0.0.1:${await freePort()}/contract` }), { ...PATIENCE, attempts: 2 });
  await expect(store.put({ name: 'x', content: pieces('x') })).rejects.toMatchObject({ code: 'store_failed', detail: 'The store does not answer (ECONNREFUSED).' });
});
