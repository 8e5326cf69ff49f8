import { describe, expect, it } from 'vitest';

import { aheadOf } from '../../storage/ahead.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import type { ByteRange, ObjectStore } from '../../storage/object-store.ts';

const RANGE = 4 * 1024 * 1024;
const CONTENT = Buffer.alloc(5 * RANGE + 77, Buffer.from(Array.from({ length: 251 }, (_, at) => at)));

/** Notes what is asked for, and how much of it is under way at once. */
function watched(store: ObjectStore): { store: ObjectStore; ranges: (ByteRange | undefined)[]; most: () => number } {
  const ranges: (ByteRange | undefined)[] = [];
  let [now, most] = [0, 0];
  const get = async function* (name: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    ranges.push(range);
    now += 1;
    most = Math.max(most, now);
    yield* store.get(name, range);
    now -= 1;
  };
  return { store: { ...store, get }, ranges, most: () => most };
}

const read = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const found: Uint8Array[] = [];
  for await (const piece of content) found.push(Buffer.from(piece)); // each is good until the next is asked for
  return Buffer.concat(found);
};

/** Of these bytes, and what is asked of it. */
const holding = async (content: Buffer): Promise<ReturnType<typeof watched>> => {
  const store = memoryStore();
  await store.put({ name: 'a/b', content: one(content) });
  return watched(store);
};

describe('a store that reads ahead', () => {
  it('gives the same bytes, in ranges, of which some are under way at once', async () => {
    const { store, ranges, most } = await holding(CONTENT);
    expect((await read(aheadOf(store, { 'a/b': CONTENT.length }).get('a/b'))).equals(CONTENT)).toBe(true);
    expect(ranges).toHaveLength(7); // six of the content, and one that looks whether there is more
    expect(most()).toBe(2);
  });

  it('asks for a small object, or one of unknown size, or a part, as it always is', async () => {
    const { store, ranges } = await holding(CONTENT.subarray(0, 100));
    const ahead = aheadOf(store, { 'a/b': 100 });
    for (const range of [undefined, { offset: 1, bytes: 2 }]) await read(ahead.get('a/b', range));
    await read(aheadOf(store, {}).get('a/b'));
    expect(ranges).toEqual([undefined, { offset: 1, bytes: 2 }, undefined]);
  });

  it('B5, B9 shows its reader that an object has grown, or has shrunk', async () => {
    const { store } = await holding(CONTENT);
    expect(await read(aheadOf(store, { 'a/b': CONTENT.length - 10 }).get('a/b'))).toHaveLength(CONTENT.length - 9);
    expect(await read(aheadOf(store, { 'a/b': CONTENT.length + RANGE }).get('a/b'))).toHaveLength(CONTENT.length);
  });
});

async function* one(content: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(content);
}
