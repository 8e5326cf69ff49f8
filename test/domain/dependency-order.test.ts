import { expect, test } from 'vitest';

import { dependencyOrder } from '../../domain/dependency-order.ts';

test('puts each name behind all it needs, through names that are not asked for too', () => {
  const needs = new Map([
    ['a', ['plain']],
    ['plain', ['b']],
    ['b', ['c']],
  ]);
  expect(dependencyOrder(['a', 'b', 'c'], needs)).toEqual(['c', 'b', 'a']);
});

test('ends where names need each other', () => {
  const needs = new Map([
    ['a', ['b']],
    ['b', ['a']],
  ]);
  expect(dependencyOrder(['a', 'b'], needs).toSorted()).toEqual(['a', 'b']);
});
