import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { expect, it } from 'vitest';

import { testStore } from '../../storage/self-test.ts';
import { asNamePart, type BlockOrder, type ObjectStore } from '../../storage/object-store.ts';

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
  for await (const { name, bytes } of store.list(prefix)) found.push({ name, bytes });
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

  it('gives a part of an object, and nothing of what lies behind its end', async () => {
    const store = open();
    const content = randomBytes(3_000_000);
    await store.put({ name: 'parts', content: pieces(content) });
    const part = async (offset: number, bytes: number): Promise<Buffer> => await buffer(store.get('parts', { offset, bytes }));
    expect((await part(0, 10)).equals(content.subarray(0, 10))).toBe(true);
    expect((await part(1_234_567, 1_500_000)).equals(content.subarray(1_234_567, 2_734_567))).toBe(true);
    expect((await part(2_999_990, 100)).equals(content.subarray(2_999_990))).toBe(true);
    expect(await part(3_000_000, 5)).toHaveLength(0);
    expect(await part(7, 0)).toHaveLength(0);
    await expect(buffer(store.get('absent', { offset: 0, bytes: 1 }))).rejects.toMatchObject({ code: 'object_missing' });
  });

  it('puts staged blocks together in the order that is asked for, whoever staged them', async () => {
    const [store, blocks] = [open(), [randomBytes(1_000_000), randomBytes(5), randomBytes(300_000)]];
    for (const [index, content] of blocks.entries()) await store.stageBlock({ name: 'd/blocks', id: `00000${index}-x`, content });
    await store.stageBlock({ name: 'd/blocks', id: '000003-x', content: Buffer.from('left over') });
    expect([...(await store.stagedBlocks('d/blocks'))].toSorted()).toEqual(['000000-x', '000001-x', '000002-x', '000003-x']);
    expect(await listed(store)).toEqual([]);
    expect(await store.stat('d/blocks')).toBeUndefined();
    const whole = Buffer.concat([blocks[2]!, blocks[0]!, blocks[1]!]);
    await store.commitBlocks(orderOf('d/blocks', whole, ['000002-x', '000000-x', '000001-x']));
    expect((await buffer(store.get('d/blocks'))).equals(whole)).toBe(true);
    expect(await store.stat('d/blocks')).toMatchObject({ bytes: whole.length });
    expect([null, sha256(whole)]).toContain((await store.stat('d/blocks'))!.sha256);
    expect(Math.abs(Date.parse((await store.stat('d/blocks'))!.modifiedAt!) - Date.now())).toBeLessThan(120_000);
    expect(await store.stagedBlocks('d/blocks')).toEqual(new Set());
  });

  it('B21 lets one of two writers of an object win, and keeps its bytes', async () => {
    const store = open();
    const [left, right] = [randomBytes(2_000), randomBytes(3_000)];
    await store.stageBlock({ name: 'both', id: '000000-left', content: left });
    await store.stageBlock({ name: 'both', id: '000000-rigt', content: right });
    await store.commitBlocks(orderOf('both', left, ['000000-left']));
    await expect(store.commitBlocks(orderOf('both', right, ['000000-rigt']))).rejects.toMatchObject({ code: 'object_exists' });
    await store.stageBlock({ name: 'both', id: '000000-left', content: left });
    await expect(store.commitBlocks(orderOf('both', left, ['000000-left']))).rejects.toMatchObject({ code: 'object_exists' });
    expect((await buffer(store.get('both'))).equals(left)).toBe(true);
  });

  it('does not make an object of a block that was never staged', async () => {
    const store = open();
    await store.stageBlock({ name: 'hole', id: '000000-a', content: Buffer.from('a') });
    await expect(store.commitBlocks(orderOf('hole', Buffer.from('ab'), ['000000-a', '000001-b']))).rejects.toMatchObject({ code: 'store_failed' });
    expect(await listed(store)).toEqual([]);
  });

  it('makes an empty object of no block', async () => {
    const store = open();
    await store.commitBlocks(orderOf('nothing', Buffer.alloc(0), []));
    expect(await read(store, 'nothing')).toBe('');
    expect(await store.stat('nothing')).toMatchObject({ bytes: 0 });
  });

  it('puts a small object in one request, and never replaces', async () => {
    const store = open();
    const [content, other] = [randomBytes(20_000), randomBytes(20_000)];
    await store.putWhole({ ...orderOf('d/whole', content, []), content });
    expect((await buffer(store.get('d/whole'))).equals(content)).toBe(true);
    expect(await store.stat('d/whole')).toMatchObject({ bytes: content.length });
    expect([null, sha256(content)]).toContain((await store.stat('d/whole'))!.sha256);
    await expect(store.putWhole({ ...orderOf('d/whole', other, []), content: other })).rejects.toMatchObject({ code: 'object_exists' });
    expect((await buffer(store.get('d/whole'))).equals(content)).toBe(true);
    await store.putWhole({ ...orderOf('nothing', Buffer.alloc(0), []), content: Buffer.alloc(0) });
    expect(await store.stat('nothing')).toMatchObject({ bytes: 0 });
  });

  it('B22 forgets blocks that nobody committed, and leaves objects alone', async () => {
    const store = open();
    await store.stageBlock({ name: 'run/a', id: '000000-a', content: Buffer.from('a') });
    await store.stageBlock({ name: 'other/b', id: '000000-b', content: Buffer.from('b') });
    await store.commitBlocks(orderOf('run/empty', Buffer.alloc(0), []));
    await store.put({ name: 'run/kept', content: pieces('kept') });
    await store.abandonStaged('run/');
    expect(await store.stagedBlocks('run/a')).toEqual(new Set());
    expect(await store.stagedBlocks('other/b')).toEqual(new Set(['000000-b']));
    expect(await listed(store)).toEqual([{ name: 'run/empty', bytes: 0 }, { name: 'run/kept', bytes: 4 }]);
  });

  it('B35 removes many objects at once, those that are gone already too', async () => {
    const store = open();
    const names = Array.from({ length: 300 }, (_, index) => `many/${index}`);
    await Promise.all(names.map(async (name) => await store.put({ name, content: pieces(name) })));
    await store.put({ name: 'many/kept', content: pieces('x') });
    await store.delete('many/7');
    await store.deleteMany(names);
    expect(await listed(store)).toEqual([{ name: 'many/kept', bytes: 1 }]);
    await store.deleteMany(names);
    await store.deleteMany([]);
  });

  it('B24 passes the test that comes before the first backup in it', async () => {
    const store = open();
    await testStore(store);
    expect(await listed(store)).toEqual([]);
  });

  it('stops every operation that takes a signal', async () => {
    const [store, signal] = [open(), AbortSignal.abort()];
    await store.put({ name: 'there', content: pieces('x') });
    await expect(store.stageBlock({ name: 'x', id: '000000-a', content: Buffer.from('a'), signal })).rejects.toMatchObject({ code: 'interrupted' });
    await expect(store.commitBlocks({ ...orderOf('x', Buffer.from('a'), []), signal })).rejects.toMatchObject({ code: 'interrupted' });
    await expect(buffer(store.get('there', undefined, signal))).rejects.toMatchObject({ code: 'interrupted' });
  });
}

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const orderOf = (name: string, content: Uint8Array, ids: readonly string[]): BlockOrder => ({ name, ids, sha256: sha256(content), md5: createHash('md5').update(content).digest() });
