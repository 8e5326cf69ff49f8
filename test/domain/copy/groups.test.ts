import fc from 'fast-check';
import { expect, it } from 'vitest';

import { groupTiny } from '../../../domain/copy/groups.ts';

const sizes = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 200 });

it('keeps every table and their order, each large one alone and no more than 25 small ones together', () => {
  fc.assert(
    fc.property(sizes, (list) => {
      const groups = groupTiny(list, (bytes) => bytes);
      expect(groups.flat()).toEqual(list);
      for (const group of groups) {
        expect(group.length).toBeLessThanOrEqual(25);
        if (group.length > 1) for (const bytes of group) expect(bytes).toBeLessThanOrEqual(256 * 1024);
      }
    }),
  );
});

it('fills groups of small tables before it opens the next', () => {
  expect(groupTiny(Array.from({ length: 60 }, () => 8192), (bytes) => bytes).map((group) => group.length)).toEqual([25, 25, 10]);
});
