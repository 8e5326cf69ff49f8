import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

import { Secret } from '../../domain/secret.ts';
import type { AzureBlobAddress } from '../../domain/store-address.ts';
import { startAzurite } from '../../programs/azurite.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { freePort } from '../../programs/ports.ts';
import { readKeepingFacts } from '../../storage/keeping-facts.ts';
import { openStore } from '../../storage/open-store.ts';
import { pieces } from './store-contract.ts';

const key = new Secret(randomBytes(64).toString('base64'));
const folder = join(inject('runFolder'), 'azurite-keeping');
const pidFile = join(folder, 'process.json');
let address: AzureBlobAddress;

beforeAll(async () => {
  const base = await startAzurite({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), pidFile, account: { name: 'keeping', key }, port: await freePort() });
  address = { kind: 'azure-blob', endpoint: `${base}/keeping`, account: 'keeping', container: 'backups', key, prefix: 'p/' };
  await openStore(address).put({ name: 'a/b/hot', content: pieces('x') });
});
afterAll(async () => void (await stopDetached(pidFile)));

it('reads what the data plane tells of a container', async () => {
  expect(await readKeepingFacts(address)).toMatchObject({ kind: 'azure-blob', locked: { ok: { immutabilityPolicy: false, legalHold: false } }, softDeleteDays: { ok: null }, versions: { ok: false }, tiers: { ok: { archived: 0, others: ['Hot'] } } });
});

it('says of a container that is not there yet who makes it', async () => {
  const absent = { failed: { message: 'container absent is not there yet', detail: 'The first backup makes it.' } };
  expect(await readKeepingFacts({ ...address, container: 'absent' })).toMatchObject({ locked: absent, versions: absent, tiers: absent });
});

it('B37 finds what was moved to the archive', async () => {
  await openStore(address).put({ name: 'a/b/cold', content: pieces('x') });
  await new ContainerClient(`${address.endpoint}/backups`, new StorageSharedKeyCredential('keeping', key.reveal())).getBlobClient('p/a/b/cold').setAccessTier('Archive');
  expect((await readKeepingFacts(address)).tiers).toEqual({ ok: { archived: 1, firstArchived: 'a/b/cold', others: ['Hot'] } });
});

it('B37 reading what was moved to the archive says so at once, with and without a range', async () => {
  const store = openStore(address);
  for (const range of [undefined, { offset: 0, bytes: 1 }]) {
    await expect(async () => {
      for await (const _ of store.get('a/b/cold', range));
    }).rejects.toMatchObject({ code: 'store_refused', message: 'object a/b/cold is in the archive tier and cannot be read' });
  }
});

it('says what it was not allowed to ask', async () => {
  const facts = await readKeepingFacts({ ...address, key: new Secret(randomBytes(64).toString('base64')) });
  expect(facts.locked).toMatchObject({ failed: { code: 'store_refused' } });
  expect(facts.softDeleteDays).toMatchObject({ failed: { code: 'store_refused' } });
});
