import { expect, it } from 'vitest';

import { publishingOf, type TableTraits } from '../../../domain/copy/publishing.ts';
import type { NoIdentityChoice } from '../../../domain/migration/plan.ts';

const keyed: TableTraits = { schema: 'shop', name: 'log', persistence: 'p', hasIdentity: true };
const unkeyed: TableTraits = { ...keyed, hasIdentity: false };
const unlogged: TableTraits = { ...keyed, persistence: 'u' };
const plan = (mode: 'online' | 'offline', noIdentity: Record<string, NoIdentityChoice> = {}) => ({ mode, noIdentity });

it.each([
  ['a table with an identity', keyed, plan('online'), 'all'],
  ['a table with an identity, whatever was chosen', keyed, plan('online', { 'shop.log': 'skip' }), 'all'],
  ['one without, and no choice', unkeyed, plan('online'), 'none'],
  ['one without, by the whole row', unkeyed, plan('online', { 'shop.log': 'full' }), 'full'],
  ['one without, by a pattern', unkeyed, plan('online', { 'shop.*': 'insert-only' }), 'insert-only'],
  ['one without: its own name goes before a pattern', unkeyed, plan('online', { 'shop.*': 'insert-only', 'shop.log': 'full' }), 'full'],
  ['one without that is skipped', unkeyed, plan('online', { 'shop.log': 'skip' }), 'skip'],
  ['an unlogged table', unlogged, plan('online'), 'none'],
  ['an unlogged table, offline', unlogged, plan('offline'), 'all'],
  ['any table, offline', unkeyed, plan('offline', { 'shop.log': 'full' }), 'all'],
  ['a skipped table, offline too', unkeyed, plan('offline', { 'shop.log': 'skip' }), 'skip'],
])('%s', (_, table, wanted, expected) => {
  expect(publishingOf(table, wanted)).toBe(expected);
});
