import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type CopyUnit, planCopy, type TableFacts } from '../../../domain/copy/plan.ts';

const MB = 2 ** 20;

/** A heap of `blocks` pages, and TOAST on top of it. */
const facts = fc
  .record({ name: fc.string({ minLength: 1, maxLength: 5 }), blocks: fc.integer({ min: 0, max: 2_000_000 }), toast: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 * MB })) })
  .map(({ name, blocks, toast }): TableFacts => ({ schema: 'public', name, blocks, bytes: blocks * 8192 + toast, columns: [], indexes: [] }));

const input = fc.record({
  tables: fc.array(facts, { maxLength: 60 }).map((list) => list.map((one, index) => ({ table: index + 1, facts: one }))),
  splitAbove: fc.integer({ min: 1, max: 2000 }).map((megabytes) => megabytes * MB),
  canSplit: fc.boolean(),
  firstUnit: fc.integer({ min: 1, max: 1000 }),
  firstParcel: fc.integer({ min: 1, max: 1000 }),
});

describe('a copy plan', () => {
  it('has every page of a table in exactly one unit, and the last range without an end', () => {
    fc.assert(
      fc.property(input, ({ tables, ...options }) => {
        const { units } = planCopy(tables, options);
        for (const { table, facts: { blocks } } of tables) {
          const ranges = units.filter((unit) => unit.table === table);
          if (ranges.length === 1) expect(ranges[0]).not.toHaveProperty('to');
          else expectTiling(ranges, blocks);
        }
      }),
    );
  });

  it('numbers units and parcels one after the other, each parcel with its units, every table planned', () => {
    fc.assert(
      fc.property(input, ({ tables, ...options }) => {
        const { units, parcels } = planCopy(tables, options);
        expect(units.map(({ unit }) => unit)).toEqual(units.map((_, index) => options.firstUnit + index));
        expect(parcels.map(({ parcel }) => parcel)).toEqual(parcels.map((_, index) => options.firstParcel + index));
        expect(new Set(units.map(({ parcel }) => parcel))).toEqual(new Set(parcels.map(({ parcel }) => parcel)));
        expect(new Set(units.map(({ table }) => table))).toEqual(new Set(tables.map(({ table }) => table)));
        for (const { parcel, large, tables: count } of parcels) {
          const own = units.filter((unit) => unit.parcel === parcel);
          expect(own).toHaveLength(count);
          if (large !== undefined) expect(own.map(({ table }) => table)).toEqual([large]);
        }
      }),
    );
  });

  it('keeps the bytes of each table, and never splits where the source cannot read ranges', () => {
    fc.assert(
      fc.property(input, ({ tables, ...options }) => {
        const { units } = planCopy(tables, options);
        for (const { table, facts: { bytes } } of tables) {
          const own = units.filter((unit) => unit.table === table);
          expect(own.reduce((sum, unit) => sum + unit.bytes, 0)).toBeCloseTo(bytes, 0);
          if (!options.canSplit) expect(own).toHaveLength(1);
        }
      }),
    );
  });

  it('makes at most a few hundred parcels, of one giant table or of 50,000 small ones', () => {
    const table = (number: number, bytes: number) => ({ table: number, facts: { schema: 's', name: `t${number}`, bytes, blocks: Math.ceil(bytes / 8192), columns: [], indexes: [] } });
    const options = { splitAbove: 1024 * MB, canSplit: true };
    expect(planCopy([table(1, 100_000_000 * MB)], options).parcels.length).toBeLessThanOrEqual(201);
    const small = Array.from({ length: 50_000 }, (_, index) => table(index + 1, 16 * 1024));
    expect(planCopy(small, options).parcels.length).toBeLessThanOrEqual(400);
  });
});

function expectTiling(ranges: readonly CopyUnit[], blocks: number): void {
  expect(ranges[0]?.from).toBe(0);
  expect(ranges.map(({ to }) => to)).toStrictEqual([...ranges.slice(1).map(({ from }) => from), undefined]);
  expect(ranges.filter(({ from, to }) => to !== undefined && !(to > (from as number)))).toEqual([]);
  expect(ranges.at(-1)?.from).toBeLessThan(Math.max(1, blocks));
}
