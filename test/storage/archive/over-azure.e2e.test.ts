import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { newDataKey } from '../../../storage/archive/data-key.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { COMMIT, faultyAzure, IMPATIENT, namesIn, PUT_BLOCK, READ } from '../faulty-azure.ts';
import { inReads, PREFIX, readBack, stage, stageAndCommit } from './archive-file.ts';

const azure = faultyAzure();
const NAME = `${PREFIX}files/3012.dat.zst.sealed`;

const STORM: readonly Fault[] = [
  { kind: 'status', status: 429 },
  { kind: 'status', status: 503, code: 'ServerBusy' },
  { kind: 'break-request', afterBytes: 1_000_000 },
  { kind: 'break-answer', afterBytes: 0 },
  { kind: 'status', status: 408 },
];

it('B28 a file comes through a storm of faults as it was', async () => {
  const content = randomBytes(20_000_000);
  azure.proxy.next(PUT_BLOCK, ...STORM);
  azure.proxy.next(COMMIT, { kind: 'break-answer', afterBytes: 0 });
  const patient = azure.open({}, { ...IMPATIENT, attempts: 8 });
  const stored = await stageAndCommit({ store: patient, content });
  azure.proxy.next(READ, { kind: 'break-answer', afterBytes: 3_000_000 }, { kind: 'status', status: 503 }, { kind: 'break-answer', afterBytes: 5_000_000 });
  expect((await readBack(stored)).equals(content)).toBe(true);
});

it('B1 B20 a dump that died leaves no object, and its blocks are not sent again', async () => {
  const dataKey = newDataKey();
  const content = randomBytes(20_000_000);
  async function* dying(): AsyncGenerator<Buffer> {
    yield* inReads(content.subarray(0, 17_000_000));
    throw new Error('pg_dump died');
  }
  await expect(stage({ store: azure.store, dataKey, content: dying() })).rejects.toThrow('pg_dump died');
  expect(await namesIn(azure.store, PREFIX)).toEqual([]);
  const kept = await azure.store.stagedBlocks(NAME);
  expect(kept.size).toBeGreaterThanOrEqual(1);
  azure.proxy.seen.length = 0;
  const stored = await stageAndCommit({ store: azure.store, dataKey, content });
  expect(azure.proxy.seen.filter(PUT_BLOCK)).toHaveLength(5 - kept.size);
  expect((await readBack(stored)).equals(content)).toBe(true);
});

it('B20 an object of another snapshot is replaced, by this attempt or the next', async () => {
  const dataKey = newDataKey();
  const [before, after] = [randomBytes(9_000_000), randomBytes(9_000_000)];
  await stageAndCommit({ store: azure.store, dataKey, content: before });
  const again = async () => await stageAndCommit({ store: azure.store, dataKey, content: after });
  // The service may drop staged blocks together with the object that stands in their way; then they are sent once more.
  const stored = await again().catch(again);
  expect((await readBack(stored)).equals(after)).toBe(true);
});

it('B20 a small file that is put in one request gets past blocks that an earlier attempt has staged for it', async () => {
  const dataKey = newDataKey();
  const [before, after] = [randomBytes(5_000), randomBytes(5_000)];
  const { staged } = await stage({ store: azure.store, dataKey, content: before });
  expect(staged.ids).toHaveLength(1);
  const stored = await stageAndCommit({ store: azure.store, dataKey, content: after, mayHold: () => true });
  expect(stored.staged.held).not.toBeNull();
  expect((await readBack(stored)).equals(after)).toBe(true);
});

it('B21 of two attempts at once on Azure one commits, and its bytes are whole', async () => {
  const dataKey = newDataKey();
  const contents = [randomBytes(9_000_000), randomBytes(9_000_001)];
  const staged = await Promise.all(contents.map(async (content) => await stage({ store: azure.store, dataKey, content })));
  const outcomes = await Promise.allSettled(staged.map(async ({ staged: { ids, md5, file } }) => await azure.store.commitBlocks({ name: NAME, ids, md5, sha256: file.sha256 })));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
  expect((await readBack(staged[winner]!)).equals(contents[winner]!)).toBe(true);
});
