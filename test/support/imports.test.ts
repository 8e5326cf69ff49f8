import { expect, it } from 'vitest';
import { importsOf } from './imports.ts';

it('finds every form of import, tells types from code, and leaves comments alone', () => {
  const source = `
/** import { no } from 'comment'; */
// import { no } from 'line';
import { a, type B } from './a.ts';
import type { C } from './c.ts';
import {
  type D,
} from './d.ts';
import './effect.ts';
import * as all from 'all';
export { e } from './e.ts';
export * from './barrel.ts';
export type { F } from './f.ts';
export const text = 'x';
const late = await import('./late.ts');
type G = import('./g.ts').G;
const use = (b: B, c: C, d: D, f: G): unknown => [a, all, late, b, c, d, f];
`;
  const found = importsOf(source);
  const ofKind = (kind: 'typeOnly' | 'reExportsAll') => found.filter((one) => one[kind]).map((one) => one.specifier);
  expect(found.map((one) => one.specifier).toSorted()).toEqual(
    ['./a.ts', './barrel.ts', './c.ts', './d.ts', './e.ts', './effect.ts', './f.ts', './g.ts', './late.ts', 'all'].toSorted(),
  );
  expect(ofKind('typeOnly').toSorted()).toEqual(['./c.ts', './f.ts', './g.ts']);
  expect(ofKind('reExportsAll')).toEqual(['./barrel.ts']);
});
