import { expect, it } from 'vitest';

import { trustStore } from '../../../activities/backup/trust-store.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';

it('B24 tests a store once, and again when it did not pass', async () => {
  let tests = 0;
  let broken = true;
  const memory = memoryStore();
  const store: ObjectStore = {
    ...memory,
    commitBlocks: async (order) => {
      tests += order.ids.length > 0 ? 1 : 0;
      await memory.commitBlocks(order);
    },
    get: (name, range) => (broken ? memory.get(name, { offset: 1, bytes: 5 }) : memory.get(name, range)),
  };
  await expect(trustStore('shaky', store)).rejects.toMatchObject({ code: 'store_failed', detail: 'What it reads is not what it wrote.' });
  broken = false;
  await Promise.all([trustStore('shaky', store), trustStore('shaky', store)]);
  await trustStore('shaky', store);
  expect(tests).toBe(2);
});
