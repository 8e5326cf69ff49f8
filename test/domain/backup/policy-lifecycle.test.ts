import { expect, it } from 'vitest';

import type { KeepingFacts } from '../../../domain/backup/keeping-facts.ts';
import { lifecycleRulesOf } from '../../../domain/backup/lifecycle-rule.ts';
import { reaches } from '../../../domain/backup/policy-lifecycle.ts';
import { judgePolicy } from '../../../domain/backup/policy-rules.ts';
import type { RetentionPolicy } from '../../../domain/backup/retention.ts';

const none = { ok: null } as const;
const STORE: KeepingFacts = { kind: 'azure-blob', account: 'acc', container: 'backups', prefix: 'p/', locked: { ok: { immutabilityPolicy: false, legalHold: false } }, softDeleteDays: none, versions: { ok: false }, tiers: { ok: { archived: 0, firstArchived: null, others: [] } } };
const RETENTION: RetentionPolicy = { keepLast: 7, keepForMs: null, daily: 7, weekly: 4, monthly: 12, yearly: 0, minimumProven: 3, timeZone: 'UTC' };

interface Written {
  readonly enabled?: boolean;
  readonly filters?: object;
  readonly actions: object;
}
const answerOf = (...rules: Written[]): unknown => ({ name: 'DefaultManagementPolicy', properties: { policy: { rules: rules.map(({ enabled, ...definition }, index) => ({ name: `r${index}`, type: 'Lifecycle', ...(enabled === undefined ? {} : { enabled }), definition })) } } });
const afterModification = (days: number): object => ({ daysAfterModificationGreaterThan: days });
const OURS = { filters: { blobTypes: ['blockBlob'], prefixMatch: ['backups/p/'] } };

function judged(id: string, rules: readonly Written[], retention: Partial<RetentionPolicy> = {}) {
  const facts = { store: STORE, management: { resourceGroup: 'rg', lifecycle: lifecycleRulesOf(answerOf(...rules)) }, retention: { ...RETENTION, ...retention }, proves: true, sealed: true, rtoMs: null, skipped: null };
  return judgePolicy(facts).find((rule) => rule.id === id)!;
}

it('B37 a rule that deletes before the policy does is named with its days, and what to change', () => {
  expect(judged('store-lifecycle', [{ ...OURS, actions: { baseBlob: { delete: afterModification(30) } } }])).toMatchObject({
    state: 'problem', severity: 'blocking',
    evidence: 'Rule "r0" deletes 30 days after the last modification; the policy keeps a backup for up to 372 days.',
    remedy: expect.stringMatching(/^Let "r0" of account acc delete after 372 days or later, or narrow the `prefixMatch` until backups\/p\/ is not below it.*--resource-group rg/),
  });
});

it.each<[string, Written, 'ok' | 'problem', string]>([
  ['one day too early', { ...OURS, actions: { baseBlob: { delete: afterModification(371) } } }, 'problem', '371 days'],
  ['late enough, and says what else it takes', { ...OURS, actions: { baseBlob: { delete: afterModification(372) } } }, 'ok', 'also the last proven backups'],
  ['by creation', { ...OURS, actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 10.0 } } } }, 'problem', '10 days after the creation'],
  ['by last access', { ...OURS, actions: { baseBlob: { delete: { daysAfterLastAccessTimeGreaterThan: 9 }, enableAutoTierToHotFromCool: true } } }, 'problem', '9 days after the last access'],
  ['archives', { ...OURS, actions: { baseBlob: { tierToArchive: { daysAfterModificationGreaterThan: 90, daysAfterLastTierChangeGreaterThan: 7 } } } }, 'problem', 'archives 90 days'],
  ['moves to a tier that is read at once', { ...OURS, actions: { baseBlob: { tierToCool: afterModification(1), tierToCold: afterModification(2) } } }, 'ok', 'No lifecycle rule'],
  ['without filters, so everywhere', { actions: { baseBlob: { delete: afterModification(30) } } }, 'problem', '30 days'],
  ['for another container', { filters: { blobTypes: ['blockBlob'], prefixMatch: ['logs/'] }, actions: { baseBlob: { delete: afterModification(1) } } }, 'ok', 'No lifecycle rule'],
  ['for other kinds of blob', { filters: { blobTypes: ['appendBlob'] }, actions: { baseBlob: { delete: afterModification(1) } } }, 'ok', 'No lifecycle rule'],
  ['for blobs with index tags', { filters: { blobTypes: ['blockBlob'], blobIndexMatch: [{ name: 'a', op: '==', value: 'b' }] }, actions: { baseBlob: { delete: afterModification(1) } } }, 'ok', 'No lifecycle rule'],
  ['not in force', { ...OURS, enabled: false, actions: { baseBlob: { delete: afterModification(1) } } }, 'ok', 'No lifecycle rule'],
  ['for snapshots and versions', { ...OURS, actions: { snapshot: { delete: { daysAfterCreationGreaterThan: 1 } }, version: { delete: { daysAfterCreationGreaterThan: 1 } } } }, 'ok', 'No lifecycle rule'],
])('B37 a rule %s', (_, rule, state, evidence) => {
  expect(judged('store-lifecycle', [rule])).toMatchObject({ state, evidence: expect.stringContaining(evidence) });
});

it('B37 names every rule in the way, and not those that are not', () => {
  const rules = [{ ...OURS, actions: { baseBlob: { delete: afterModification(30) } } }, { ...OURS, actions: { baseBlob: { delete: afterModification(900) } } }, { ...OURS, actions: { baseBlob: { tierToArchive: afterModification(5) } } }];
  const { evidence, remedy } = judged('store-lifecycle', rules);
  expect(evidence).toBe('Rule "r0" deletes 30 days after the last modification; Rule "r2" archives 5 days after the last modification; the policy keeps a backup for up to 372 days.');
  expect(remedy).toContain('Let "r0", "r2" of account acc delete after 372 days or later and archive nothing');
});

it.each<[string, boolean]>([
  ['backups', true], ['backups/', true], ['backups/p', true], ['backups/p/', true], ['back', true], ['backups/p/739', true], ['backups/p/7391/shop/2026', true],
  ['backups/p/7391/shop/proofs/', false], ['backups/q', false], ['backups2/', false], ['Backups/', false], ['p/', false],
])('B37 prefix %s reaches what lies under backups/p/: %s', (prefix, reached) => {
  expect(reaches({ prefixes: ['logs/', prefix] }, STORE)).toBe(reached);
});

it.each<[string, Written]>([
  ['an action that is new', { ...OURS, actions: { baseBlob: { shred: afterModification(1) } } }],
  ['a time that is new', { ...OURS, actions: { baseBlob: { delete: { daysAfterFullMoonGreaterThan: 1 } } } }],
])('B37 %s is not passed over', (_, rule) => {
  expect(judged('store-lifecycle', [rule])).toMatchObject({ state: 'could-not-look', evidence: expect.stringContaining('in a form that this version does not know') });
});

it.each([null, 'text', {}, { properties: { policy: {} } }])('B37 an answer without rules is not taken for one that has none: %j', (answer) => {
  expect(lifecycleRulesOf(answer)).toMatchObject({ failed: { code: 'management_failed' } });
});

it('warns of a cool tier that backups leave before its days are over', () => {
  const rule = (days: number): Written => ({ ...OURS, actions: { baseBlob: { tierToCold: afterModification(days) } } });
  expect(judged('store-cool-tiers', [rule(5)])).toMatchObject({ state: 'problem', severity: 'warning', evidence: expect.stringContaining('moves to Cold 5 days after the last modification, where 90 days are charged for; the policy removes some at 7 and 28 days') });
  expect(judged('store-cool-tiers', [rule(30)]).state).toBe('ok');
  expect(judged('store-cool-tiers', [rule(300)]).state).toBe('problem');
  expect(judged('store-cool-tiers', [rule(400)]).state).toBe('ok');
});
