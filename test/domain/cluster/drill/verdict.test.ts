import { describe, expect, it } from 'vitest';
import { judgeDrillGates, type DrillFacts } from '../../../../domain/cluster/drill/gate.ts';
import { DRILL_KINDS, lintPlan, passedLimit, UNDONE_BY, type DrillPlan } from '../../../../domain/cluster/drill/plan.ts';
import { judgeDrill, type DrillMeasure } from '../../../../domain/cluster/drill/verdict.ts';

const PLAN: DrillPlan = {
  kind: 'kill-tree', hypothesis: { maxWriteGapMs: 700, maxReadGapMs: 700, maxLostWrites: 0, maxClientErrors: 20, redundantWithinMs: 5000 }, abortLimits: { writeGapMs: 30_000, clientErrors: 10_000 }, baselineMs: 30_000,
};
const GAPS = { longestMs: { w1: 600 }, p50: 600, p95: 600, max: 600, overallMs: 600 };
const LEDGER = { sent: 10, acked: 9, ambiguous: 1, refused: 0, lost: [], ambiguousCommitted: 0, duplicates: [], strangers: [], addsUp: true };
const MEASURE: DrillMeasure = {
  ledger: LEDGER, writes: GAPS, reads: GAPS, writable: { writableNodesMax: 1, afterTheEnd: [], exactlyOne: true }, clientErrors: 20, baselineErrors: 0, injected: true, timelineChanged: true, redundantAfterMs: 5000, abortedBy: null,
};
const judge = (measure: Partial<DrillMeasure> = {}, plan: Partial<DrillPlan> = {}) => judgeDrill({ ...PLAN, ...plan }, { ...MEASURE, ...measure });
const failing = (measure: Partial<DrillMeasure>, plan: Partial<DrillPlan> = {}): string[] => judge(measure, plan).parts.filter(({ passed }) => !passed).map(({ part }) => part);

describe('the verdict of a drill', () => {
  it('is passed when every part of the hypothesis holds', () => {
    expect(judge()).toMatchObject({ verdict: 'passed', doubts: [] });
    expect(judge().parts.map(({ part }) => part)).toEqual(['lost-writes', 'duplicates', 'one-writable-node', 'write-gap', 'read-gap', 'client-errors', 'roles', 'redundancy']);
  });

  it.each<[string, Partial<DrillMeasure>]>([
    ['lost-writes', { ledger: { ...LEDGER, lost: [{ writer: 'w1', seq: 7 }] } }],
    ['duplicates', { ledger: { ...LEDGER, duplicates: [{ writer: 'w1', seq: 7 }] } }],
    ['one-writable-node', { writable: { writableNodesMax: 2, afterTheEnd: [], exactlyOne: false } }],
    ['write-gap', { writes: { ...GAPS, max: 701 } }],
    ['read-gap', { reads: { ...GAPS, max: 701 } }],
    ['client-errors', { clientErrors: 21 }],
    ['roles', { timelineChanged: false }],
    ['redundancy', { redundantAfterMs: 5001 }],
    ['redundancy', { redundantAfterMs: null }],
  ])('is failed by %s alone', (part, measure) => {
    expect(judge(measure).verdict).toBe('failed');
    expect(failing(measure)).toEqual([part]);
  });

  it('HA13 expects the same primary after a full disk', () => {
    expect(failing({ timelineChanged: true }, { kind: 'disk-full' })).toEqual(['roles']);
    expect(judge({ timelineChanged: false }, { kind: 'disk-full' }).verdict).toBe('passed');
  });

  it('does not count errors that nobody made a promise about', () => {
    expect(judge({ clientErrors: 999 }, { hypothesis: { ...PLAN.hypothesis, maxClientErrors: null } }).verdict).toBe('passed');
  });

  it('is inconclusive when nobody can say what the fault did', () => {
    for (const doubt of [{ baselineErrors: 1 }, { injected: false }, { ledger: { ...LEDGER, addsUp: false } }, { ledger: { ...LEDGER, acked: 0 } }, { writes: { ...GAPS, longestMs: {} } }]) {
      expect(judge(doubt)).toMatchObject({ verdict: 'inconclusive', doubts: [expect.any(String)] });
    }
  });

  it('is aborted when a limit ended it, and failed all the same when a write was lost', () => {
    expect(judge({ abortedBy: 'write-gap' }).verdict).toBe('aborted');
    expect(judge({ abortedBy: 'write-gap', injected: false, ledger: { ...LEDGER, lost: [{ writer: 'w1', seq: 7 }] } }).verdict).toBe('failed');
  });
});

describe('the plan of a drill', () => {
  it('is complete, and lets the hypothesis be tried before it aborts', () => {
    expect(lintPlan(PLAN)).toEqual([]);
    expect(lintPlan({ ...PLAN, abortLimits: { writeGapMs: 700, clientErrors: 1 } }).map(({ rule }) => rule)).toEqual(['abort-before-hypothesis']);
    expect(lintPlan({ ...PLAN, baselineMs: 0 }).map(({ rule }) => rule)).toEqual(['no-baseline']);
    expect(lintPlan({ ...PLAN, hypothesis: { ...PLAN.hypothesis, maxLostWrites: -1 } }).map(({ rule }) => rule)).toEqual(['limits-not-numbers']);
  });

  it('knows for every kind how its fault is taken back', () => {
    expect(Object.keys(UNDONE_BY)).toEqual([...DRILL_KINDS]);
  });

  it('H4 is over past an abort limit', () => {
    expect(passedLimit(PLAN, { writeGapMs: 30_000, clientErrors: 10_000 })).toBeUndefined();
    expect(passedLimit(PLAN, { writeGapMs: 30_001, clientErrors: 0 })).toMatchObject({ rule: 'write-gap' });
    expect(passedLimit(PLAN, { writeGapMs: 0, clientErrors: 10_001 })).toMatchObject({ rule: 'client-errors' });
  });
});

describe('the gates of a drill', () => {
  const FACTS: DrillFacts = {
    plan: PLAN, inWindow: true, consentBy: 'ada', sinceRoleChangeMs: 1_200_000, coolDownMs: 1_200_000, electable: 1, lagBytes: 100, lagLimitBytes: 100, missingSlots: [], backupWaived: false, unwatched: null, cannotInject: null, backupAgeMs: 86_400_000, backupMaxAgeMs: 86_400_000, otherOperation: null, blockingProblems: [],
  };
  const closed = (rest: Partial<DrillFacts>): string[] => judgeDrillGates({ ...FACTS, ...rest }).filter(({ open }) => !open).map(({ rule }) => rule);

  it('are open for a cluster that can bear it', () => {
    expect(closed({})).toEqual([]);
    expect(closed({ sinceRoleChangeMs: null })).toEqual([]);
  });

  it.each<[string, Partial<DrillFacts>]>([
    ['plan-complete', { plan: { ...PLAN, baselineMs: 0 } }],
    ['in-window', { inWindow: false }],
    ['consent', { consentBy: null }],
    ['cool-down-over', { sinceRoleChangeMs: 1_199_999 }],
    ['redundant', { electable: 0 }],
    ['caught-up', { lagBytes: 101 }],
    ['slots-there', { missingSlots: ['pgconvoy_bravo'] }],
    ['backed-up', { backupAgeMs: 86_400_001 }],
    ['backed-up', { backupAgeMs: null }],
    ['no-other-operation', { otherOperation: 'backup/shop' }],
    ['healthy', { blockingProblems: ['charlie is unreachable.'] }],
  ])('HA51 refuse by %s', (rule, rest) => {
    expect(closed(rest)).toEqual([rule]);
  });
});
