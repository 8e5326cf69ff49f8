import fc from 'fast-check';
import { expect, it } from 'vitest';

import { inScope, matchesPattern } from '../../../domain/copy/scope.ts';

const ALL = { excludeSchemas: [], excludeTables: [] };

it.each([
  ['public.orders', 'public.orders', true],
  ['public.orders', 'public.orders_old', false],
  ['public.orders', 'xpublic.orders', false],
  ['public.*', 'public.orders', true],
  ['public.*_old', 'public.orders_old', true],
  ['*.orders', 'any.orders', true],
  ['*', 'any.thing', true],
  ['public.a.b', 'public.axb', false],
  ['public.(x)+$', 'public.(x)+$', true],
  ['public.two\nlines*', 'public.two\nlines and more', true],
])('pattern %j and table %j: %s', (pattern, name, expected) => {
  expect(matchesPattern(pattern, name)).toBe(expected);
});

it('takes any name as a pattern for itself, and a star for any part of it', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), fc.nat(20), (text, from, length) => {
      const name = text.replaceAll('*', '');
      expect(matchesPattern(name, name)).toBe(true);
      expect(matchesPattern(`${name.slice(0, from)}*${name.slice(from + length)}`, name)).toBe(true);
    }),
  );
});

it('takes everything unless something is left out', () => {
  expect(inScope(ALL, 'public', 'orders')).toBe(true);
  expect(inScope({ ...ALL, schemas: ['sales'] }, 'public', 'orders')).toBe(false);
  expect(inScope({ ...ALL, schemas: ['sales'] }, 'sales', 'orders')).toBe(true);
  expect(inScope({ ...ALL, excludeSchemas: ['sales'] }, 'sales', 'orders')).toBe(false);
  expect(inScope({ ...ALL, excludeTables: ['sales.*_log'] }, 'sales', 'order_log')).toBe(false);
  expect(inScope({ ...ALL, schemas: ['sales'], excludeTables: ['sales.*_log'] }, 'sales', 'orders')).toBe(true);
});
