import { expect, it } from 'vitest';

import { indexCost, rowsCost, tableCost } from '../../../domain/copy/cost.ts';
import type { TableFacts } from '../../../domain/copy/plan.ts';

const MB = 2 ** 20;
const table = (facts: Partial<TableFacts>): TableFacts => ({ schema: 's', name: 't', bytes: 0, blocks: 0, columns: [], indexes: [], ...facts });

it('counts bytes of TOAST as more than bytes of rows, since they are compressed anew', () => {
  expect(rowsCost(table({ bytes: 80 * MB, blocks: 80 * 128 }))).toBe(80 * MB);
  expect(rowsCost(table({ bytes: 80 * MB, blocks: 20 * 128 }))).toBeGreaterThan(2 * 80 * MB);
});

it('counts an index that is not sorted as more than one that is', () => {
  const gin = { bytes: MB, definition: 'CREATE INDEX i ON s.t USING gin (words)' };
  expect(indexCost(gin)).toBeGreaterThan(indexCost({ ...gin, definition: 'CREATE INDEX i ON s.t USING btree (word)' }));
});

it('lets two hundred empty tables cost more than one of a few megabytes', () => {
  expect(200 * tableCost(table({}))).toBeGreaterThan(tableCost(table({ bytes: 8 * MB, blocks: 8 * 128 })));
});
