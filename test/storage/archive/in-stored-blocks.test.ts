import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { inStoredBlocks, StoredDigest } from '../../../storage/archive/in-stored-blocks.ts';

async function blocksOf(frames: readonly Buffer[]): Promise<{ ids: string[]; sizes: number[]; whole: Buffer }> {
  async function* parts(): AsyncGenerator<readonly Buffer[]> {
    for (const frame of frames) yield await Promise.resolve([frame.subarray(0, 10), frame.subarray(10)]);
  }
  const [ids, sizes, contents]: [string[], number[], Buffer[]] = [[], [], []];
  for await (const { id, content } of inStoredBlocks(parts(), new StoredDigest())) {
    ids.push(id);
    sizes.push(content.length);
    contents.push(Buffer.from(content));
  }
  return { ids, sizes, whole: Buffer.concat(contents) };
}

it('B22 gives all blocks ids of one length, which say what is in them', async () => {
  const frames = Array.from({ length: 14 }, () => randomBytes(700_000));
  const { ids, sizes, whole } = await blocksOf(frames);
  expect(whole.equals(Buffer.concat(frames))).toBe(true);
  expect(sizes).toEqual([4_194_304, 4_194_304, 1_411_392]);
  expect(new Set(ids.map((id) => id.length))).toEqual(new Set([47]));
  expect((await blocksOf(frames)).ids).toEqual(ids);
  frames[7] = randomBytes(700_000);
  const other = await blocksOf(frames);
  expect(other.ids.map((id, index) => id === ids[index])).toEqual([true, false, true]);
});
