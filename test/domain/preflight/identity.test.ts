import { describe, expect, it } from 'vitest';

import { choiceFor, resolveIdentity } from '../../../domain/preflight/identity.ts';
import { heapTable } from './healthy-facts.ts';

describe('resolveIdentity', () => {
  it('uses a key whatever a broad pattern says', () => {
    expect(resolveIdentity(heapTable({ hasKey: true }), { '*': 'skip' })).toEqual({ kind: 'key' });
  });

  it.each([
    ['F1 a table without a key', {}, 'no-key'],
    ['F3 identity NOTHING', { replicaIdentity: 'nothing' }, 'nothing'],
    ['F3 an identity whose index is gone', { replicaIdentity: 'index' }, 'index-gone'],
    ['F4 a deferrable key', { deferrableKey: true }, 'deferrable'],
  ] as const)('%s is undecided until there is a choice', (_, fields, reason) => {
    expect(resolveIdentity(heapTable(fields), {})).toEqual({ kind: 'undecided', reason });
    expect(resolveIdentity(heapTable(fields), { 'public.log': 'full' })).toEqual({ kind: 'full', alter: true });
    expect(resolveIdentity(heapTable(fields), { 'public.*': 'insert-only' })).toEqual({ kind: 'insert-only' });
    expect(resolveIdentity(heapTable(fields), { '*': 'skip' })).toEqual({ kind: 'skip' });
  });

  it('F2 leaves a table that is FULL as it is, unless a choice takes it out of updates', () => {
    const full = heapTable({ replicaIdentity: 'full' });
    expect(resolveIdentity(full, {})).toEqual({ kind: 'full', alter: false });
    expect(resolveIdentity(full, { 'public.log': 'insert-only' })).toEqual({ kind: 'insert-only' });
  });
});

describe('choiceFor', () => {
  it('prefers the exact name, then the first pattern that fits', () => {
    const choices = { 'public.*': 'skip', 'public.log*': 'full', 'public.log': 'insert-only' } as const;
    expect(choiceFor('public.log', choices)).toBe('insert-only');
    expect(choiceFor('public.log_2026', choices)).toBe('skip');
    expect(choiceFor('other.log', choices)).toBeUndefined();
  });
});
