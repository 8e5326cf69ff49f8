import { describe, expect, it } from 'vitest';

import type { PreflightFacts } from '../../../domain/preflight/facts.ts';
import { judge, type RuleReport } from '../../../domain/preflight/report.ts';
import { RULES } from '../../../domain/preflight/rules.ts';
import { healthyFacts } from './healthy-facts.ts';
import { PLANTED } from './planted.ts';

const rules = Object.values(RULES).flat();
const modeOf = (id: string) => rules.find((rule) => rule.id === id)!.modes[0]!;
const ruleOf = (id: string, facts: PreflightFacts): RuleReport => judge(facts).rules.find((rule) => rule.id === id)!;

const BLIND = { failed: { code: 'privilege_missing', message: 'could not look', hint: 'Grant it.' } } as const;

/** The same facts with no answer from any server. */
function blinded(facts: PreflightFacts): PreflightFacts {
  const all = <T extends object>(group: T): T => Object.fromEntries(Object.keys(group).map((key) => [key, BLIND])) as T;
  return { ...facts, source: all(facts.source), target: all(facts.target), path: all(facts.path) };
}

/** What is decided without asking, or where no answer is the finding. */
const NEEDS_NO_ANSWER = new Set(['source-maintenance-database']);
const SILENCE_IS_A_PROBLEM = new Set(['source-reachable', 'target-reachable', 'pooler-console']);

describe('the preflight rules', () => {
  it('have ids of their own, each with a case here', () => {
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(PLANTED).toSorted()).toEqual(ids.toSorted());
  });

  it.each(rules.map(({ id }) => id).filter((id) => PLANTED[id] !== null))('%s is ok on healthy servers', (id) => {
    expect(ruleOf(id, healthyFacts(modeOf(id)))).toMatchObject({ state: 'ok' });
  });

  it.each(Object.entries(PLANTED).filter(([, plant]) => plant !== null))('%s finds its problem, with a remedy', (id, plant) => {
    const facts = healthyFacts(modeOf(id));
    plant!(facts as Parameters<NonNullable<typeof plant>>[0]);
    const found = ruleOf(id, facts);
    expect(found).toMatchObject({ state: 'problem', remedy: expect.stringMatching(/\S/) });
    expect(found.evidence).toMatch(/\.$/);
  });

  it.each(rules.map(({ id }) => id).filter((id) => !NEEDS_NO_ANSWER.has(id)))('%s never takes a missing answer for a good one', (id) => {
    expect(ruleOf(id, blinded(healthyFacts(modeOf(id)))).state).toBe(SILENCE_IS_A_PROBLEM.has(id) ? 'problem' : 'could-not-look');
  });

  it.each(['source-wal-on-disk', 'target-storage'])('%s says what only a person can look at', (id) => {
    expect(ruleOf(id, healthyFacts())).toMatchObject({ state: 'could-not-look', remedy: expect.stringContaining('B free') });
  });
});

describe('the report', () => {
  it('lets healthy servers proceed in both modes', () => {
    expect(judge(healthyFacts('online'))).toMatchObject({ blocking: 0, warnings: 0, couldNotLook: 2, canProceed: true });
    expect(judge(healthyFacts('offline'))).toMatchObject({ blocking: 0, warnings: 0, couldNotLook: 1, canProceed: true });
  });

  it('stops at one blocking problem and not at a warning', () => {
    const facts = healthyFacts();
    const blocked: PreflightFacts = { ...facts, target: { ...facts.target, present: { ok: { count: 1, first: ['public.film'] } } } };
    const warned: PreflightFacts = { ...facts, target: { ...facts.target, leftovers: { ok: { count: 1, first: ['schema pgconvoy_x'] } } } };
    expect(judge(blocked)).toMatchObject({ blocking: 1, canProceed: false });
    expect(judge(warned)).toMatchObject({ blocking: 0, warnings: 1, canProceed: true });
  });

  it('asks nothing of the slot in offline mode', () => {
    const ids = judge(healthyFacts('offline')).rules.map(({ id }) => id);
    expect(ids).not.toContain('source-trial-slot');
    expect(ids).not.toContain('table-identity');
  });

  it('names ten objects and counts the rest', () => {
    const facts = healthyFacts();
    const first = Array.from({ length: 10 }, (_, index) => `public.t${index}`);
    const full: PreflightFacts = { ...facts, target: { ...facts.target, present: { ok: { count: 322, first } } } };
    expect(ruleOf('target-empty', full).evidence).toMatch(/public\.t9 and 312 more\.$/);
  });
});
