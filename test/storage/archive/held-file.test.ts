import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { commitFile } from '../../../storage/archive/commit-file.ts';
import { newDataKey } from '../../../storage/archive/data-key.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { PREFIX, readBack, stage, stageAndCommit } from './archive-file.ts';

const never = new AbortController().signal;
const SMALL = 60_000;

it('waits with a small file for its commit, which then puts all of it', async () => {
  const store = memoryStore();
  const content = randomBytes(SMALL);
  const { staged, ...place } = await stage({ store, content, mayHold: () => true });
  expect(staged).toMatchObject({ ids: [], file: { rawBytes: SMALL } });
  expect(staged.held).toHaveLength(staged.file.bytes);
  expect(await store.stagedBlocks(PREFIX + staged.file.object)).toEqual(new Set());
  await commitFile(store, PREFIX, staged, never);
  expect((await readBack({ ...place, staged })).equals(content)).toBe(true);
});

it.each([
  ['nobody lets it', SMALL, () => false],
  ['it is not small', 70_000, () => true],
  ['it goes on after a full block', 4_194_304 + 10, () => true],
])('stages a file as blocks when %s', async (_, bytes, mayHold) => {
  const { staged } = await stage({ content: randomBytes(bytes), mayHold });
  expect(staged.held).toBeNull();
  expect(staged.ids.length).toBeGreaterThanOrEqual(1);
});

it('B20 leaves a small object that an earlier attempt has put, and replaces one of another moment', async () => {
  const [kept, dataKey, removed] = [memoryStore(), newDataKey(), [] as string[]];
  const store: ObjectStore = { ...kept, delete: async (name) => (removed.push(name), await kept.delete(name)) };
  const [before, after] = [randomBytes(SMALL), randomBytes(SMALL)];
  await stageAndCommit({ store, dataKey, content: before, mayHold: () => true });
  await stageAndCommit({ store, dataKey, content: before, mayHold: () => true });
  expect(removed).toEqual([]);
  const second = await stageAndCommit({ store, dataKey, content: after, mayHold: () => true });
  expect(removed).toEqual([PREFIX + second.staged.file.object]);
  expect((await readBack(second)).equals(after)).toBe(true);
});
