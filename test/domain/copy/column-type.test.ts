import { expect, it } from 'vitest';

import { type ColumnType, copyFormat, isBinarySafe } from '../../../domain/copy/column-type.ts';

const base = (name: string): ColumnType => ({ kind: 'base', name, builtIn: true });

it.each(['regclass', 'aclitem', 'tsquery', 'refcursor'])('F12 a column of type %s goes over as text', (name) => {
  expect(isBinarySafe(base(name))).toBe(false);
  expect(copyFormat([{ name: 'id', type: base('int4'), generated: false }, { name: 'x', type: base(name), generated: false }])).toBe('text');
});

it('F11 arrays of what has other OIDs on the target go over as text', () => {
  expect(isBinarySafe({ kind: 'array', element: { kind: 'enum' } })).toBe(false);
  expect(isBinarySafe({ kind: 'array', element: { kind: 'domain', base: base('int4') } })).toBe(false);
  expect(isBinarySafe({ kind: 'array', element: base('numeric') })).toBe(true);
});

it('F8 a generated column does not decide, since it is not copied', () => {
  expect(copyFormat([{ name: 'g', type: base('regclass'), generated: true }])).toBe('binary');
});
