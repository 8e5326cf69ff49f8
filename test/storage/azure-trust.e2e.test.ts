import { createHash, hash, randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { testStore } from '../../storage/self-test.ts';
import { faultyAzure, namesIn, orderOf, READ, stageAll } from './faulty-azure.ts';
import { pieces } from './store-contract.ts';

const azure = faultyAzure();

it('B30 uses the endpoint as it is given, whatever its host and path', async () => {
  const elsewhere = azure.open({ endpoint: `http://localhost:${azure.proxy.port}/faults/` });
  const receipt = await elsewhere.put({ name: 'custom', content: pieces('x') });
  expect(receipt.address).toBe(`http://localhost:${azure.proxy.port}/faults/${azure.container}/some/where/custom`);
  expect(new Set(azure.proxy.seen.map(({ host }) => host))).toEqual(new Set([`localhost:${azure.proxy.port}`]));
});

describe('the self-test of a store', () => {
  const leftovers = async (): Promise<string[]> => await namesIn(azure.store, 'self-test/');

  it('passes with one that keeps what it is given, and leaves nothing', async () => {
    await testStore(azure.store);
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['changes a byte', (body: Buffer) => Buffer.concat([Buffer.from([body[0]! ^ 1]), body.subarray(1)])],
    ['gives the framing of a checksum for content', (body: Buffer) => Buffer.concat([Buffer.from('01000000'), body]).subarray(0, body.length)],
  ])('B24 finds one that %s', async (_, change) => {
    azure.proxy.next(READ, { kind: 'change-answer', change });
    await expect(testStore(azure.store)).rejects.toMatchObject({ code: 'store_failed', message: 'the store cannot be trusted with backups', detail: 'What it reads is not what it wrote.' });
    expect(await leftovers()).toEqual([]);
  });

  it('B24 finds one that does not compare the MD5 of a block', async () => {
    await expect(azure.client().getBlockBlobClient('x').stageBlock(Buffer.from('000000-x').toString('base64'), 'content', 7, { transactionalContentMD5: createHash('md5').update('other').digest() })).rejects.toMatchObject({ statusCode: 400 });
  });
});

it('B25 keeps the MD5 and the SHA-256 of the whole with the object', async () => {
  const content = randomBytes(100_000);
  await azure.store.commitBlocks(orderOf('hashed', content, await stageAll(azure.store, 'hashed', [content.subarray(0, 5), content.subarray(5)])));
  const { contentMD5, metadata } = await azure.client().getBlockBlobClient('some/where/hashed').getProperties();
  expect(Buffer.from(contentMD5!).toString('hex')).toBe(hash('md5', content));
  expect(metadata).toEqual({ sha256: hash('sha256', content) });
});
