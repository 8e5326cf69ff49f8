import type { IndexFacts, TableFacts } from './plan.ts';

/**
 * What the parts of a copy cost a server's core, in bytes of plain rows copied: measured on the data set of the benchmark, and
 * good enough to begin with what takes longest.
 */

const PAGE_BYTES = 8192;
/** Values in TOAST are compressed again. */
const TOAST = 4;
/** Files, indexes, statistics, places in the catalogs, before the first row. */
const TABLE = 200_000;
/** Sorting is more than copying; the other access methods place entry by entry. */
const SORTED_INDEX = 1.5;
const OTHER_INDEX = 4;

/** The rows of a table. */
export const rowsCost = ({ bytes, blocks }: Pick<TableFacts, 'bytes' | 'blocks'>): number => {
  const heap = Math.min(bytes, blocks * PAGE_BYTES);
  return heap + TOAST * (bytes - heap);
};

/** Building an index. */
export const indexCost = ({ bytes, definition }: Pick<IndexFacts, 'bytes' | 'definition'>): number => bytes * (/ USING btree /.test(definition) ? SORTED_INDEX : OTHER_INDEX);

/** A table from its rows to its indexes. */
export const tableCost = (facts: TableFacts): number => TABLE + rowsCost(facts) + facts.indexes.reduce((sum, index) => sum + indexCost(index), 0);
