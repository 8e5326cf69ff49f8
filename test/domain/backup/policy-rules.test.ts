import { expect, it } from 'vitest';

import type { KeepingFacts } from '../../../domain/backup/keeping-facts.ts';
import { longestDays } from '../../../domain/backup/kept-days.ts';
import { judgePolicy, POLICY_RULES, type PolicyFacts } from '../../../domain/backup/policy-rules.ts';

const STORE: KeepingFacts = { kind: 'azure-blob', account: 'acc', container: 'backups', prefix: 'p/', locked: { ok: { immutabilityPolicy: false, legalHold: false } }, softDeleteDays: { ok: 7 }, versions: { ok: false }, tiers: { ok: { archived: 0, firstArchived: null, others: ['Hot'] } } };
const FACTS: PolicyFacts = { store: STORE, management: { resourceGroup: 'rg', lifecycle: { ok: [] } }, retention: { keepLast: 7, keepForMs: null, daily: 7, weekly: 4, monthly: 12, yearly: 0, minimumProven: 3, timeZone: 'Europe/Berlin' }, proves: true, sealed: true, rtoMs: null, skipped: [] };

const outcomeOf = (id: string, facts: Partial<PolicyFacts> = {}, store: Partial<KeepingFacts> = {}) => judgePolicy({ ...FACTS, ...facts, store: { ...STORE, ...store } }).find((rule) => rule.id === id)!;

it('finds nothing wrong with a good policy, but does not claim to have seen lifecycle rules that it could not ask for', () => {
  const wrong = (facts: PolicyFacts) => judgePolicy(facts).filter(({ state }) => state !== 'ok').map(({ id, state }) => [id, state]);
  expect(wrong(FACTS)).toEqual([]);
  expect(wrong({ ...FACTS, management: null })).toEqual([['store-lifecycle', 'could-not-look'], ['store-cool-tiers', 'could-not-look']]);
});

it('B37 names the shortest time that a lifecycle rule may have, and how to look', () => {
  const { remedy } = outcomeOf('store-lifecycle', { management: null });
  expect(remedy).toContain('az storage account management-policy show --account-name acc');
  expect(remedy).toContain('before 372 days');
  expect(outcomeOf('store-lifecycle', { management: null }, { kind: 'directory' }).state).toBe('ok');
  expect(longestDays({ ...FACTS.retention, yearly: 2 })).toBe(732);
});

it.each<[string, string, Partial<PolicyFacts>, Partial<KeepingFacts>, string]>([
  ['B37', 'store-archive-tier', {}, { tiers: { ok: { archived: 3, firstArchived: 'x/y', others: [] } } }, '3 objects are archived, for example x/y'],
  ['B38', 'store-immutability', {}, { locked: { ok: { immutabilityPolicy: true, legalHold: false } } }, 'has an immutability policy'],
  ['B38', 'store-immutability', {}, { locked: { ok: { immutabilityPolicy: true, legalHold: true } } }, 'an immutability policy and a legal hold'],
  ['B38', 'store-versions', {}, { versions: { ok: true } }, 'stays as a version'],
  ['', 'store-soft-delete', {}, { softDeleteDays: { ok: null } }, 'gone at once'],
  ['B31', 'policy-proof', { proves: false }, {}, 'nothing will ever expire'],
  ['B41', 'policy-encryption', { sealed: false }, {}, 'Whoever reads the store'],
  ['', 'policy-keeps-little', { retention: { ...FACTS.retention, keepLast: 2, daily: 0, weekly: 0, monthly: 0 } }, {}, 'about 3 days old'],
  ['', 'policy-clock-change', { skipped: [{ day: '2027-03-28', time: '02:00' }] }, {}, '2027-03-28, which has no 02:00'],
])('%s %s', (_, id, facts, store, evidence) => {
  expect(outcomeOf(id, facts, store)).toMatchObject({ state: 'problem', evidence: expect.stringContaining(evidence), remedy: expect.stringMatching(/\.$/) });
});

it('what could not be asked is never taken for good', () => {
  const failed = { failed: { code: 'store_refused', message: 'the store refused object backups' } } as const;
  for (const id of ['store-archive-tier', 'store-immutability', 'store-soft-delete', 'store-versions']) expect(outcomeOf(id, {}, { locked: failed, softDeleteDays: failed, versions: failed, tiers: failed }).state).toBe('could-not-look');
});

it('every rule has an id of its own', () => {
  expect(new Set(POLICY_RULES.map(({ id }) => id)).size).toBe(POLICY_RULES.length);
});
