import { expect, it } from 'vitest';

import { recopyLimit, tablesToRecopy } from '../../domain/cutover/recopy.ts';

const table = (publish: string, bytes: number) => ({ publish, bytes });

it('F19 tables outside the log are copied anew inside the window when all of them fit', () => {
  const small = table('none', 1000);
  expect(tablesToRecopy([small, table('all', 1e12)], 10_000)).toEqual([small]);
});

it('F19 none is copied anew when together they would not fit', () => {
  expect(tablesToRecopy([table('none', recopyLimit(1000)), table('none', 1)], 1000)).toEqual([]);
});
