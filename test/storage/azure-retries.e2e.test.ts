import { hash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { describe, expect, it } from 'vitest';

import type { Fault } from '../support/fault-proxy.ts';
import { BATCH, COMMIT, DELETE, faultyAzure, HEAD, IMPATIENT, LIST, namesIn, orderOf, PUT_BLOCK, READ, stageAll } from './faulty-azure.ts';
import { pieces } from './store-contract.ts';

const azure = faultyAzure();
const faulty = (): number => azure.proxy.seen.filter(({ fault }) => fault !== null).length;

const PASSING: readonly (readonly [string, Fault])[] = [
  ['408', { kind: 'status', status: 408 }],
  ['429', { kind: 'status', status: 429 }],
  ['429 and when to come back', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
  ['500', { kind: 'status', status: 500, code: 'InternalError' }],
  ['503', { kind: 'status', status: 503, code: 'ServerBusy' }],
  ['a broken connection', { kind: 'break-request', afterBytes: 0 }],
  ['no answer, though it was done', { kind: 'break-answer', afterBytes: 0 }],
];

describe.each(PASSING)('a store that answers %s', (_, fault) => {
  it('B28 is asked again, and takes and gives every byte', async () => {
    const blocks = [randomBytes(700_000), randomBytes(300_000)];
    const whole = Buffer.concat(blocks);
    for (const fits of [PUT_BLOCK, COMMIT, HEAD, READ, LIST, BATCH]) azure.proxy.next(fits, fault);
    const started = performance.now();
    const ids = await stageAll(azure.store, 'a/blocks', blocks);
    await azure.store.commitBlocks(orderOf('a/blocks', whole, ids));
    expect(await azure.store.stat('a/blocks')).toMatchObject({ bytes: whole.length, sha256: hash('sha256', whole) });
    expect((await buffer(azure.store.get('a/blocks'))).equals(whole)).toBe(true);
    expect(await namesIn(azure.store, 'a/')).toEqual(['a/blocks']);
    await azure.store.deleteMany(['a/blocks', 'there']);
    expect(await azure.store.stat('a/blocks')).toBeUndefined();
    expect(faulty()).toBe(6);
    if (fault.kind === 'status' && fault.headers !== undefined) expect(performance.now() - started).toBeGreaterThan(5 * 1000);
  });

  it('B28 is not asked for ever', async () => {
    azure.proxy.next(PUT_BLOCK, ...Array.from({ length: IMPATIENT.attempts }, () => fault));
    const detail = fault.kind === 'status' ? `The store answered ${fault.status}` : 'The store does not answer (';
    await expect(azure.store.stageBlock({ name: 'x', id: '000000-x', content: Buffer.from('x') })).rejects.toMatchObject({ code: 'store_failed', detail: expect.stringContaining(detail) as string });
    expect(faulty()).toBe(IMPATIENT.attempts);
  });
});

it.each([
  ['403', { kind: 'status', status: 403, code: 'AuthorizationFailure' }, 'store_refused', 'The store answered 403 AuthorizationFailure.'],
  ['401', { kind: 'status', status: 401, code: 'InvalidAuthenticationInfo' }, 'store_refused', 'The store answered 401 InvalidAuthenticationInfo.'],
  ['404 for the container', { kind: 'status', status: 404, code: 'ContainerNotFound' }, 'store_failed', 'The store answered 404 ContainerNotFound.'],
  ['400', { kind: 'status', status: 400, code: 'Md5Mismatch' }, 'store_failed', 'The store answered 400 Md5Mismatch.'],
] as const)('does not ask again after %s', async (_, fault, code, detail) => {
  azure.proxy.next(PUT_BLOCK, fault);
  await expect(azure.store.stageBlock({ name: 'x', id: '000000-x', content: Buffer.from('x') })).rejects.toMatchObject({ code, detail });
  expect(azure.proxy.seen).toHaveLength(azure.proxy.seen.filter(({ path }) => path.includes('restype=container')).length + 1);
});

it('B38 says that the store does not let an object be changed', async () => {
  azure.proxy.next(DELETE, { kind: 'status', status: 409, code: 'BlobImmutableDueToPolicy' });
  await expect(azure.store.delete('there')).rejects.toMatchObject({ code: 'store_refused', hint: expect.stringContaining('immutability') as string });
});

it('takes no object of another for its own, when the answer to its commit was lost', async () => {
  const [ours, theirs] = [Buffer.from('ours'), Buffer.from('theirs')];
  await stageAll(azure.store, 'race', [ours]);
  azure.proxy.next(COMMIT, { kind: 'break-request', afterBytes: 0 });
  const committing = azure.store.commitBlocks(orderOf('race', ours, ['000000-x']));
  await azure.open().put({ name: 'race', content: pieces(theirs) }).catch(() => undefined);
  const [outcome] = await Promise.allSettled([committing]);
  const kept = (await buffer(azure.store.get('race'))).toString();
  expect(kept).toBe(outcome.status === 'fulfilled' ? 'ours' : 'theirs');
  if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'object_exists' });
});

it('puts an object once, when the answer to its commit was lost', async () => {
  azure.proxy.next(COMMIT, { kind: 'break-answer', afterBytes: 0 });
  await expect(azure.store.put({ name: 'once', content: pieces('once') })).resolves.toMatchObject({ bytes: 4 });
  azure.proxy.next(COMMIT, { kind: 'break-request', afterBytes: 0 });
  await expect(azure.store.put({ name: 'once', content: pieces('twice') })).rejects.toMatchObject({ code: 'object_exists' });
});

it('B26 goes on where a download broke, as often as it takes', async () => {
  const content = randomBytes(3_000_000);
  await azure.store.put({ name: 'long', content: pieces(content) });
  // More often than a single request would be tried: what counts is failures in a row, without a byte between.
  azure.proxy.next(READ, ...Array.from({ length: 6 }, (): Fault => ({ kind: 'break-answer', afterBytes: 300_000 })));
  expect((await buffer(azure.store.get('long'))).equals(content)).toBe(true);
  const ranges = azure.proxy.seen.filter(({ method, range }) => method === 'GET' && range !== undefined).map(({ range }) => Number(/bytes=(\d+)-/.exec(range!)![1]));
  expect(faulty()).toBe(6);
  expect(ranges).toEqual([...ranges].toSorted((left, right) => left - right));
  expect(ranges.at(-1)).toBeGreaterThan(1_000_000);
  azure.proxy.next(READ, { kind: 'break-answer', afterBytes: 500_000 });
  expect((await buffer(azure.store.get('long', { offset: 100, bytes: 2_000_000 }))).equals(content.subarray(100, 2_000_100))).toBe(true);
});

it('does not sew two objects together when one is replaced while it is read', async () => {
  await azure.store.put({ name: 'moving', content: pieces(randomBytes(2_000_000)) });
  azure.proxy.next(READ, { kind: 'break-answer', afterBytes: 400_000 });
  const reading = azure.store.get('moving')[Symbol.asyncIterator]();
  await reading.next();
  await azure.store.delete('moving');
  await azure.store.put({ name: 'moving', content: pieces(randomBytes(2_000_000)) });
  await expect((async () => { while ((await reading.next()).done !== true); })()).rejects.toMatchObject({ code: 'store_failed', detail: 'It was replaced while it was read.' });
});

it('B26 does not end a slow transfer that moves', async () => {
  const patience = { ...IMPATIENT, attempts: 1, stallMs: 4_000 };
  await azure.store.put({ name: 'slow', content: pieces(randomBytes(200_000)) });
  azure.proxy.next(READ, { kind: 'trickle', pieces: 11, everyMs: 500 });
  expect(await buffer(azure.open({}, patience).get('slow'))).toHaveLength(200_000);
});

it.each([['takes', PUT_BLOCK], ['commits', COMMIT], ['gives', READ]] as const)('B27 does not wait for a store that %s nothing and does not say so', async (_, fits) => {
  azure.proxy.next(fits, { kind: 'hang' });
  const ids = await stageAll(azure.store, 'stuck', [Buffer.from('stuck')]);
  await azure.store.commitBlocks(orderOf('stuck', Buffer.from('stuck'), ids));
  expect((await buffer(azure.store.get('stuck'))).toString()).toBe('stuck');
  azure.proxy.next(fits, ...Array.from({ length: 2 }, (): Fault => ({ kind: 'hang' })));
  const hasty = azure.open({}, { ...IMPATIENT, attempts: 2, stallMs: 300 });
  // Hasty only where the fault is: everywhere else a busy machine may take its time.
  const storeFor = (request: typeof fits) => (request === fits ? hasty : azure.store);
  const again = async (): Promise<void> => {
    await storeFor(COMMIT).commitBlocks(orderOf('again', Buffer.from('stuck'), await stageAll(storeFor(PUT_BLOCK), 'again', [Buffer.from('stuck')])));
    await buffer(storeFor(READ).get('again'));
  };
  await expect(again()).rejects.toMatchObject({ code: 'store_failed', detail: 'Not a byte moved for 0.3 seconds.' });
});

it('B3 stops at once while the store says nothing', async () => {
  const stop = new AbortController();
  azure.proxy.next(PUT_BLOCK, { kind: 'hang' });
  const staging = azure.open({}, { ...IMPATIENT, stallMs: 3_600_000 }).stageBlock({ name: 'x', id: '000000-x', content: randomBytes(1_000), signal: stop.signal });
  const failed = expect(staging).rejects.toMatchObject({ code: 'interrupted' });
  await expect.poll(() => faulty(), { timeout: 60_000 }).toBe(1);
  stop.abort();
  await failed; // the stall alone would outlast the test
});

