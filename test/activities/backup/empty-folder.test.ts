import { expect, it } from 'vitest';

import { emptyFolder } from '../../../activities/backup/empty-folder.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';

const BACKUP = { backupId: '20261101T020000Z-00000001', prefix: '7311/shop/20261101T020000Z-00000001/' };

async function* contentOf(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}

async function storeWith(count: number): Promise<ObjectStore> {
  const store = memoryStore();
  for (let index = 0; index < count; index += 1) await store.put({ name: `${BACKUP.prefix}files/${index}.dat`, content: contentOf('x') });
  await store.put({ name: `${BACKUP.prefix}manifest.json`, content: contentOf('{}') });
  return store;
}

async function namesIn(store: ObjectStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list('')) names.push(name);
  return names;
}

it('deletes the manifest before anything else, so that half a deletion leaves no backup', async () => {
  const store = await storeWith(2);
  const order: string[] = [];
  const watched: ObjectStore = {
    ...store,
    delete: async (name) => {
      order.push(name);
      await store.delete(name);
    },
    deleteMany: async (names) => {
      order.push(...names);
      await store.deleteMany(names);
    },
  };
  expect(await emptyFolder(watched, BACKUP, () => undefined)).toEqual({ objects: 3, bytes: 4 });
  expect(order[0]).toBe(`${BACKUP.prefix}manifest.json`);
  expect(await namesIn(store)).toEqual([]);
});

it('B36 is done only when a listing shows that nothing is left', async () => {
  const store = await storeWith(5);
  let calls = 0;
  const forgetful: ObjectStore = { ...store, deleteMany: async (names) => await store.deleteMany((calls += 1) === 1 ? names.slice(0, 2) : names) };
  expect(await emptyFolder(forgetful, BACKUP, () => undefined)).toMatchObject({ objects: 6 });
  expect(await namesIn(store)).toEqual([]);
});

it('B38 a store that keeps what was deleted is told apart from one that fails', async () => {
  const store = await storeWith(2);
  const locked: ObjectStore = { ...store, delete: async () => await Promise.resolve(), deleteMany: async () => await Promise.resolve() };
  await expect(emptyFolder(locked, BACKUP, () => undefined)).rejects.toMatchObject({ code: 'retention_refused', context: { objects: 3 } });
});

it.each(['', '/', '7311/', '7311/shop/', '7311/shop/20261101T020000Z-00000001', '7311//20261101T020000Z-00000001/', '7311/shop/20261101T020000Z-00000002/'])('refuses a folder that is not the one of the backup: "%s"', async (prefix) => {
  const store = await storeWith(1);
  await expect(emptyFolder(store, { ...BACKUP, prefix }, () => undefined)).rejects.toMatchObject({ code: 'bug' });
  expect(await namesIn(store)).toHaveLength(2);
});
