import { createHash, hash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { OperationError } from '../domain/errors.ts';
import type { ObjectStore } from './object-store.ts';

/** Not a multiple of anything. */
const BYTES = 100_003;

/**
 * Whether a store keeps what it is given: two blocks are staged and committed, and the object is looked at, read back, listed
 * and removed. Takes about ten requests; to be called before a store is trusted with its first backup: an emulator was seen
 * to keep the framing of a checksum as content, and answered every request with success.
 *
 * Errors: `store_failed` saying what differs, and those of the store.
 */
export async function testStore(store: ObjectStore): Promise<void> {
  const name = `self-test/${randomBytes(8).toString('hex')}`;
  try {
    await writeAndCompare(store, name, randomBytes(BYTES));
  } catch (error) {
    await store.delete(name).catch(() => undefined); // the first error says more
    throw error;
  }
  await store.deleteMany([name]);
  if ((await store.stat(name)) !== undefined) throw distrust('An object that was removed is still there.');
}

async function writeAndCompare(store: ObjectStore, name: string, content: Buffer): Promise<void> {
  const [first, second] = [content.subarray(0, 60_001), content.subarray(60_001)];
  await store.stageBlock({ name, id: '000000-a', content: first });
  await store.stageBlock({ name, id: '000001-b', content: second });
  const order = { name, ids: ['000000-a', '000001-b'], md5: createHash('md5').update(content).digest(), sha256: hash('sha256', content) };
  await store.commitBlocks(order);
  const facts = await store.stat(name);
  if (facts?.bytes !== BYTES) throw distrust(`It wrote ${BYTES} bytes and finds ${facts?.bytes ?? 'none'}.`);
  if (!(await buffer(store.get(name))).equals(content)) throw distrust('What it reads is not what it wrote.');
  const part = await buffer(store.get(name, { offset: 60_000, bytes: 2 }));
  if (!part.equals(content.subarray(60_000, 60_002))) throw distrust('A part that it reads is not what it wrote there.');
  const found: string[] = [];
  for await (const object of store.list(name)) found.push(object.name);
  if (found.length !== 1) throw distrust('What it wrote is not in the listing.');
  await refusesToReplace(store, order);
}

/** The manifest of a backup has to be written once and for all. */
async function refusesToReplace(store: ObjectStore, order: Parameters<ObjectStore['commitBlocks']>[0]): Promise<void> {
  try {
    await store.commitBlocks({ ...order, ids: [] });
  } catch (error) {
    if (error instanceof OperationError && error.code === 'object_exists') return;
    throw error;
  }
  throw distrust('An object could be replaced by another.');
}

const distrust = (detail: string): OperationError => new OperationError('store_failed', 'the store cannot be trusted with backups', { detail, hint: 'Look at what stands between here and the store: a proxy, an emulator, the version of its API.' });
