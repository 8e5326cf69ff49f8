import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { expect, it } from 'vitest';

import { asNamePart, type ObjectStore } from '../../storage/object-store.ts';

export async function* pieces(...parts: readonly (string | Buffer | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await Promise.resolve();
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

const read = async (store: ObjectStore, name: string): Promise<string> => (await buffer(store.get(name))).toString();
async function listed(store: ObjectStore, prefix = ''): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const object of store.list(prefix)) found.push(object);
  return found;
}

/** What every store has to do; `open` gives an empty one. */
export function holdContract(open: () => ObjectStore): void {
  it('gives back what was put, with what proves it whole', async () => {
    const store = open();
    const receipt = await store.put({ name: 'a/b.dump', content: pieces('hello ', '', 'world') });
    expect(receipt).toMatchObject({ name: 'a/b.dump', bytes: 11, sha256: createHash('sha256').update('hello world').digest('hex') });
    expect(receipt.address).toContain('a/b.dump');
    expect(await read(store, 'a/b.dump')).toBe('hello world');
  });

  it('takes an empty object, and one of many blocks in odd pieces', async () => {
    const store = open();
    expect(await store.put({ name: 'empty', content: pieces() })).toMatchObject({ bytes: 0 });
    expect(await read(store, 'empty')).toBe('');
    const big = randomBytes(20_000_001);
    const receipt = await store.put({ name: 'big', content: pieces(big.subarray(0, 3), big.subarray(3, 17_000_000), big.subarray(17_000_000)) });
    expect(receipt).toMatchObject({ bytes: big.length, sha256: createHash('sha256').update(big).digest('hex') });
    expect((await buffer(store.get('big'))).equals(big)).toBe(true);
  });

  it('never replaces an object, also when two put it at once', async () => {
    const store = open();
    await store.put({ name: 'once', content: pieces('first') });
    await expect(store.put({ name: 'once', content: pieces('second') })).rejects.toMatchObject({ code: 'object_exists' });
    expect(await read(store, 'once')).toBe('first');
    const both = await Promise.allSettled(['left', 'right'].map(async (text) => await store.put({ name: 'race', content: pieces(text) })));
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(['left', 'right']).toContain(await read(store, 'race'));
  });

  it('keeps nothing of an object whose content failed half-way, and throws that failure', async () => {
    const store = open();
    await expect(store.put({ name: 'half', content: pieces(Buffer.alloc(9_000_000), new Error('pg_dump died')) })).rejects.toThrow('pg_dump died');
    await expect(read(store, 'half')).rejects.toMatchObject({ code: 'object_missing' });
    expect(await listed(store)).toEqual([]);
    await store.put({ name: 'half', content: pieces('whole') });
    expect(await read(store, 'half')).toBe('whole');
  });

  it('lists by prefix in the order of names', async () => {
    const store = open();
    expect(await listed(store)).toEqual([]);
    for (const name of ['b/2', 'a/1', 'b/10', 'ba']) await store.put({ name, content: pieces(name) });
    expect(await listed(store)).toEqual([{ name: 'a/1', bytes: 3 }, { name: 'b/10', bytes: 4 }, { name: 'b/2', bytes: 3 }, { name: 'ba', bytes: 2 }]);
    expect(await listed(store, 'b/')).toEqual([{ name: 'b/10', bytes: 4 }, { name: 'b/2', bytes: 3 }]);
  });

  it('removes an object, once or twice', async () => {
    const store = open();
    await store.delete('gone');
    await store.put({ name: 'gone', content: pieces('x') });
    await store.delete('gone');
    await store.delete('gone');
    await expect(read(store, 'gone')).rejects.toMatchObject({ code: 'object_missing' });
  });

  it('ends when it is told to', async () => {
    const store = open();
    await expect(store.put({ name: 'stopped', content: pieces(Buffer.alloc(9_000_000), 'more'), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' });
    expect(await listed(store)).toEqual([]);
  });

  it.each(['', '/a', 'a//b', '../a', 'a/..', 'a b', 'a\\b', 'ü', 'x'.repeat(901)])('does not take "%.20s" for a name', async (name) => {
    const store = open();
    await expect(store.put({ name, content: pieces('x') })).rejects.toMatchObject({ code: 'input_invalid' });
    await expect(read(store, name)).rejects.toMatchObject({ code: 'input_invalid' });
  });

  it('keeps the name of any database', async () => {
    const store = open();
    const name = `schema/${asNamePart("../Ärger (alt) 50% 'x'")}/1.sql`;
    await store.put({ name, content: pieces('x') });
    expect(await listed(store)).toEqual([{ name, bytes: 1 }]);
    expect(await read(store, name)).toBe('x');
  });
}
