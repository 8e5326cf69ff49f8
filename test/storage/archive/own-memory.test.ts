import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { newDataKey } from '../../../storage/archive/data-key.ts';
import { owned, release } from '../../../storage/archive/own-memory.ts';
import { readFile } from '../../../storage/archive/read-file.ts';
import { BACKUP_ID, PREFIX, stageAndCommit } from './archive-file.ts';

const MB = 2 ** 20;

describe('memory that is given back by hand', () => {
  it('is gone at once, by whatever part it is named', () => {
    const buffer = owned(Buffer.alloc(MB));
    release(buffer.subarray(5, 9));
    expect(buffer).toHaveLength(0);
  });

  it('is never that of others, or of the pool that small buffers share', () => {
    const [foreign, small] = [Buffer.alloc(MB, 1), owned(Buffer.from('small'))];
    release(foreign);
    release(small);
    expect([foreign.length, small.toString()]).toEqual([MB, 'small']);
  });
});

it.each([true, false])('a large file is read in a few pieces of memory, sealed: %s', async (sealed) => {
  const row = randomBytes(64 * 1024).toString('hex').repeat(2);
  const rows = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < 160 * MB; at += row.length) yield await Promise.resolve(Buffer.from(row));
  };
  const { store, dataKey, staged } = await stageAndCommit({ content: rows(), dataKey: sealed ? newDataKey() : null });
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for await (const piece of readFile({ store, prefix: PREFIX, backupId: BACKUP_ID, file: staged.file, dataKey, signal: new AbortController().signal })) {
    release(piece);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(most).toBeLessThan(40 * MB);
});
