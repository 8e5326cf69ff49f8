import { expect, test } from 'vitest';

import { rowsFor, type MeasuredSize } from '../../../scripts/data/sql-file.ts';

const MEASURED: MeasuredSize = { bytes: 210, fixedBytes: 10, rows: { films: 1_000, stores: 20 } };

test('the measured size gives the measured rows', () => {
  expect(rowsFor(210, MEASURED)).toEqual({ films: 1_000, stores: 20 });
});

test('rows grow with the size, less what is there anyway', () => {
  expect(rowsFor(410, MEASURED)).toEqual({ films: 2_000, stores: 40 });
});

test('a tiny database still has rows that others can refer to', () => {
  expect(rowsFor(5, MEASURED)).toEqual({ films: 10, stores: 10 });
});
