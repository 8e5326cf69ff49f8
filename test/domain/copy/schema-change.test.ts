import { expect, test } from 'vitest';

import type { Column } from '../../../domain/copy/column-type.ts';
import { schemaChanges } from '../../../domain/copy/schema-change.ts';

const column = (name: string, type = 'int4'): Column => ({ name, type: { kind: 'base', name: type, builtIn: true }, generated: false });
const table = (name: string, ...columns: Column[]) => ({ schema: 'shop', name, columns });

test('says nothing when nothing has changed', () => {
  expect(schemaChanges([table('a', column('x'))], [table('a', column('x'))])).toEqual([]);
});

test('does not mind the order of keys in what was kept', () => {
  const kept = { schema: 'shop', name: 'a', columns: [{ generated: false, type: { builtIn: true, name: 'int4', kind: 'base' as const }, name: 'x' }] };
  expect(schemaChanges([kept], [table('a', column('x'))])).toEqual([]);
});

test('F17 names a table that came after the plan', () => {
  expect(schemaChanges([], [table('payments_2026_12', column('x'))])).toEqual(['table shop.payments_2026_12 is new']);
});

test('F57 names tables that are gone and tables with other columns', () => {
  const planned = [table('a', column('x')), table('b', column('x')), table('c', column('x'))];
  const now = [table('b', column('x'), column('y')), table('c', column('x', 'int8'))];
  expect(schemaChanges(planned, now)).toEqual(['table shop.a is gone', 'the columns of table shop.b are not the same', 'the columns of table shop.c are not the same']);
});
