import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { commitFile } from '../../../storage/archive/commit-file.ts';
import { newDataKey } from '../../../storage/archive/data-key.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { openStore } from '../../../storage/open-store.ts';
import { testFolder } from '../../config/inventory-file.ts';
import { inReads, PREFIX, readBack, stage, stageAndCommit } from './archive-file.ts';

const NAME = `${PREFIX}files/3012.dat.zst.sealed`;
const never = new AbortController().signal;
/** Nothing in it comes twice. */
const RANDOM = randomBytes(13_000_000);
const random = (bytes: number, from = 0): Buffer => RANDOM.subarray(from, from + bytes);

/** Notes what is sent. */
function counting(store: ObjectStore): { store: ObjectStore; sent: string[] } {
  const sent: string[] = [];
  return { sent, store: { ...store, stageBlock: async (block) => (sent.push(block.id), await store.stageBlock(block)) } };
}

async function* dying(content: Buffer, after: number): AsyncGenerator<Buffer> {
  for await (const read of inReads(content.subarray(0, after))) yield read;
  throw new Error('pg_dump died');
}

it('B1 B4 makes no object of a dump that died at any byte', async () => {
  const content = random(5_000_000);
  for (const after of [0, 1, 4_194_304, 4_194_305, 4_999_999]) {
    const store = memoryStore();
    await expect(stage({ store, content: dying(content, after) })).rejects.toThrow('pg_dump died');
    for await (const { name } of store.list(PREFIX)) expect.unreachable(name);
  }
});

it('B20 sends what differs when the repeated dump is of another snapshot', async () => {
  const dataKey = newDataKey();
  const before = random(9_000_000);
  const after = Buffer.concat([random(8_388_608), random(611_392, 9_000_000)]);
  const store = memoryStore();
  await stage({ store, dataKey, content: before });
  const second = counting(store);
  const stored = await stageAndCommit({ store: second.store, dataKey, content: after });
  expect(second.sent).toEqual(stored.staged.ids.slice(2));
  expect((await readBack(stored)).equals(after)).toBe(true);
  expect(await store.stagedBlocks(NAME)).toEqual(new Set());
});

describe.each([
  ['the memory store', () => memoryStore()],
  ['the directory store', () => openStore({ kind: 'directory', path: testFolder() })],
] as const)('in %s', (_, open) => {
  it('B20 goes on where a killed attempt was, without sending its blocks again', async () => {
    const dataKey = newDataKey();
    const content = random(13_000_000);
    const store = open();
    const [first, second] = [counting(store), counting(store)];
    await expect(stage({ store: first.store, dataKey, content: dying(content, 12_900_000) })).rejects.toThrow('pg_dump died');
    expect(first.sent.length).toBeGreaterThanOrEqual(1);
    const stored = await stageAndCommit({ store: second.store, dataKey, content });
    expect(second.sent).toEqual(stored.staged.ids.filter((id) => !first.sent.includes(id)));
    expect(second.sent).toHaveLength(4 - first.sent.length);
    expect(stored.staged.ids).toHaveLength(4);
    expect((await readBack(stored)).equals(content)).toBe(true);
  });

  it('B20 leaves an object that an earlier attempt has committed, and replaces one of another snapshot', async () => {
    const dataKey = newDataKey();
    const content = random(5_000_000);
    const stored = await stageAndCommit({ store: open(), dataKey, content });
    const { modifiedAt } = (await stored.store.stat(NAME))!;
    const again = await stageAndCommit({ store: stored.store, dataKey, content });
    expect(again.staged).toEqual(stored.staged);
    expect((await stored.store.stat(NAME))!.modifiedAt).toBe(modifiedAt);
    const other = await stageAndCommit({ store: stored.store, dataKey, content: content.subarray(1) });
    expect((await readBack(other)).equals(content.subarray(1))).toBe(true);
  });
});

it('B21 leaves whole what one of two attempts at once has committed, whoever comes second', async () => {
  const [store, dataKey] = [openStore({ kind: 'directory', path: testFolder() }), newDataKey()];
  const contents = [random(5_000_000), random(5_500_000, 5_000_000)];
  const staged = await Promise.all(contents.map(async (content) => await stage({ store, dataKey, content })));
  const order = ({ ids, md5, file }: (typeof staged)[number]['staged']) => ({ name: NAME, ids, md5, sha256: file.sha256 });
  const outcomes = await Promise.allSettled(staged.map(async (one) => await store.commitBlocks(order(one.staged))));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
  expect(outcomes[1 - winner]).toMatchObject({ reason: { code: 'object_exists' } });
  expect((await readBack(staged[winner]!)).equals(contents[winner]!)).toBe(true);
});

it('never seals different content under one nonce, and gives the same bytes for the same', async () => {
  const [dataKey, store] = [newDataKey(), memoryStore()];
  const nonces = new Map<string, Buffer>();
  for (const content of [Buffer.from('one'), Buffer.from('two'), random(5_000_000), Buffer.alloc(0), Buffer.alloc(9_000_000)]) {
    for (const name of ['1.dat', '2.dat']) {
      const sealed: Buffer[] = [];
      const watching: ObjectStore = { ...store, stageBlock: async (block) => (sealed.push(Buffer.from(block.content)), await store.stageBlock(block)) };
      await stage({ store: watching, dataKey, content, name });
      await stage({ store: { ...watching, stagedBlocks: async () => await Promise.resolve(new Set<string>()) }, dataKey, content, name });
      const whole = Buffer.concat(sealed.slice(0, sealed.length / 2));
      expect(whole.equals(Buffer.concat(sealed.slice(sealed.length / 2)))).toBe(true);
      for (let at = 18; at < whole.length; at += 16 + whole.readUInt32BE(at)) {
        const nonce = whole.subarray(at + 4, at + 16).toString('hex');
        const frame = whole.subarray(at, at + 16 + whole.readUInt32BE(at));
        expect(nonces.get(nonce)?.equals(frame) ?? true).toBe(true);
        nonces.set(nonce, frame);
      }
    }
  }
  expect(nonces.size).toBe(16);
});

it('B2 B3 stops at once when the source says nothing any more', async () => {
  const stop = new AbortController();
  async function* silent(): AsyncGenerator<Buffer> {
    yield random(5_000_000);
    await new Promise(() => undefined);
  }
  const store = counting(memoryStore());
  const staging = stage({ store: store.store, content: silent(), signal: stop.signal });
  const failed = expect(staging).rejects.toMatchObject({ code: 'interrupted' });
  await new Promise((resolve) => void setImmediate(resolve));
  const started = performance.now();
  stop.abort();
  await failed;
  expect(performance.now() - started).toBeLessThan(2_000);
});

it('tells of a store that refuses a block while the source still says nothing', async () => {
  async function* slow(): AsyncGenerator<Buffer> {
    yield random(20_000_000);
    await new Promise(() => undefined);
  }
  const store: ObjectStore = { ...memoryStore(), stageBlock: async () => await Promise.reject(new Error('refused')) };
  await expect(stage({ store, content: slow() })).rejects.toThrow('refused');
});

it('B27 tells how far it is', async () => {
  const told: [number, number][] = [];
  const { staged } = await stage({ content: random(9_000_000), onProgress: (raw, stored) => void told.push([raw, stored]) });
  expect(told).toHaveLength(staged.ids.length);
  expect(told.at(-1)).toEqual([9_000_000, staged.file.bytes]);
  expect(told.map(([raw]) => raw)).toEqual(told.map(([raw]) => raw).toSorted((left, right) => left - right));
});

it('B1 lets nothing be committed that was not staged whole', async () => {
  const { store, staged } = await stage({ content: random(5_000_000) });
  await expect(commitFile(store, PREFIX, { ...staged, ids: [...staged.ids, '000009-missing'] }, never)).rejects.toMatchObject({ code: 'store_failed' });
});
