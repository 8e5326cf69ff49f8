import { expect, it } from 'vitest';

import { blockBytesAt, MOST_BLOCKS } from '../../../domain/backup/block-bytes.ts';

const TIB = 2 ** 40;

it('B23 lets blocks grow so that no file meets the limit of their number', () => {
  const sizes = Array.from({ length: MOST_BLOCKS }, (_, index) => blockBytesAt(index));
  expect(sizes.findIndex((bytes, index) => index > 0 && bytes < sizes[index - 1]!)).toBe(-1);
  expect(sizes.reduce((sum, bytes) => sum + bytes) / TIB).toBeGreaterThan(19);
  // What a single block may have. https://learn.microsoft.com/rest/api/storageservices/put-block
  expect(blockBytesAt(MOST_BLOCKS - 1)).toBeLessThan(4000 * 2 ** 20);
});

it('B23 keeps blocks small for the first 19 GiB of a file', () => {
  expect(blockBytesAt(0)).toBe(4 * 2 ** 20);
  expect(blockBytesAt(4_999)).toBe(4 * 2 ** 20);
  expect(blockBytesAt(5_000)).toBe(8 * 2 ** 20);
});
