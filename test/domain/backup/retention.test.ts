import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decideRetention, type RetentionBackup, type RetentionPolicy, type RetentionVerdict } from '../../../domain/backup/retention.ts';

const NOW = '2026-11-20T12:00:00.000Z';
const DAY_MS = 86_400_000;
const POLICY: RetentionPolicy = { keepLast: 3, keepForMs: null, daily: 0, weekly: 0, monthly: 0, yearly: 0, minimumProven: 1, timeZone: 'Europe/Berlin' };

/** A backup of a night, `age` days before now. */
function night(age: number, rest: Partial<RetentionBackup> = {}): RetentionBackup {
  const at = new Date(Date.parse(NOW) - age * DAY_MS).toISOString();
  return { backupId: `night-${age}`, runId: `run-${age}`, server: 'shop', systemId: '7311', database: 'shop', state: 'proven', createdAt: at, snapshotAt: at, hold: null, ...rest };
}

const at = (instant: string, rest: Partial<RetentionBackup> = {}): RetentionBackup => night(0, { backupId: instant, runId: instant, createdAt: instant, snapshotAt: instant, ...rest });
const nights = (count: number): RetentionBackup[] => Array.from({ length: count }, (_, age) => night(age));
const decide = (backups: readonly RetentionBackup[], policy: Partial<RetentionPolicy> = {}, failedRun?: { runId: string; at: string }): RetentionVerdict[] => decideRetention({ policy: { ...POLICY, ...policy }, backups, now: NOW, failedRun });
const ids = (verdicts: readonly RetentionVerdict[], verdict: 'keep' | 'expire'): string[] => verdicts.filter((one) => one.verdict === verdict).map(({ backupId }) => backupId);
const rulesOf = (verdicts: readonly RetentionVerdict[]): Record<string, string> => Object.fromEntries(verdicts.map(({ backupId, rule }) => [backupId, rule]));

describe('the rules', () => {
  it('keeps the newest by count, and names the rule', () => {
    expect(rulesOf(decide(nights(5)))).toEqual({ 'night-0': 'keep-last', 'night-1': 'keep-last', 'night-2': 'keep-last', 'night-3': 'outside-every-rule', 'night-4': 'outside-every-rule' });
  });

  it('keeps by age, and says until when', () => {
    const verdicts = decide(nights(5), { keepLast: 0, keepForMs: 3 * DAY_MS });
    expect(ids(verdicts, 'expire')).toEqual(['night-3', 'night-4']);
    expect(verdicts[1]).toMatchObject({ rule: 'keep-for', reason: 'Not yet 3 days old.', keptUntil: '2026-11-22T12:00:00.000Z' });
  });

  it('keeps the newest of each of the last days, weeks, months and years', () => {
    const verdicts = decide(nights(800), { keepLast: 0, daily: 2, weekly: 2, monthly: 2, yearly: 3 });
    // 20 November 2026 is a Friday: the week before ended on the 15th.
    expect(ids(verdicts, 'keep')).toEqual(['night-0', 'night-1', 'night-5', 'night-20', 'night-324', 'night-689']);
    expect(rulesOf(verdicts)).toMatchObject({ 'night-1': 'daily', 'night-5': 'weekly', 'night-20': 'monthly', 'night-324': 'yearly' });
  });

  it('keeps what is held, whatever else', () => {
    const hold = { by: 'ada', reason: 'ticket 4711', at: NOW };
    const verdicts = decide([...nights(4), night(400, { hold }), night(500, { hold, state: 'rejected' })]);
    expect(rulesOf(verdicts)).toMatchObject({ 'night-400': 'hold', 'night-500': 'hold' });
    expect(verdicts.find(({ backupId }) => backupId === 'night-400')?.reason).toContain('ada: ticket 4711');
  });

  it('lets what is expiring or deleted count for nothing', () => {
    const gone = [night(0, { state: 'deleted' }), night(1, { state: 'expiring' })];
    expect(ids(decide([...gone, night(2), night(3)], { keepLast: 1 }), 'keep')).toEqual(['night-2']);
  });
});

describe('what was not proven', () => {
  it('B33 counts only what can be restored by itself: unproven ones take no place', () => {
    const verdicts = decide([night(0, { state: 'stored' }), night(1, { state: 'stored' }), night(2), night(3), night(4), night(5)]);
    expect(ids(verdicts, 'expire')).toEqual(['night-5']);
    expect(rulesOf(verdicts)).toMatchObject({ 'night-0': 'no-newer-proven', 'night-4': 'keep-last' });
  });

  it('B40 failed and cancelled ones take no place, and go when a newer one is proven and the grace is over', () => {
    const verdicts = decide([night(0), night(1, { state: 'failed', snapshotAt: null }), night(20, { state: 'failed', snapshotAt: null }), night(21, { state: 'rejected' }), night(22, { state: 'stored' }), night(23)], { keepLast: 2 });
    expect(rulesOf(verdicts)).toEqual({ 'night-0': 'keep-last', 'night-1': 'grace', 'night-20': 'unproven-and-superseded', 'night-21': 'unproven-and-superseded', 'night-22': 'unproven-and-superseded', 'night-23': 'keep-last' });
  });

  it('never goes while nothing newer is proven, however old it is', () => {
    expect(rulesOf(decide([night(400, { state: 'stored' }), night(401)]))).toEqual({ 'night-400': 'no-newer-proven', 'night-401': 'keep-last' });
  });

  it('B34 a backup that is being made is left alone, however long it takes', () => {
    expect(rulesOf(decide([night(0), night(90, { state: 'created', snapshotAt: null }), night(91, { state: 'dumped' })]))).toMatchObject({ 'night-90': 'in-progress', 'night-91': 'in-progress' });
  });
});

describe('bad nights', () => {
  it('B31 ten failed nights keep the last proven backup, and everything else', () => {
    const failed = Array.from({ length: 10 }, (_, age) => night(age, { state: 'failed', snapshotAt: null }));
    const verdicts = decide([...failed, night(10), night(11), night(40)], { keepLast: 1, keepForMs: DAY_MS });
    expect(ids(verdicts, 'expire')).toEqual([]);
    expect(verdicts.find(({ backupId }) => backupId === 'night-10')).toMatchObject({ rule: 'keep-last' });
    expect(verdicts.find(({ backupId }) => backupId === 'night-40')).toMatchObject({ rule: 'newest-failed', reason: 'Nothing expires while the newest backup, night-0, has failed.' });
  });

  it('B31 the last proven ones stay even when they are too old for every rule', () => {
    const verdicts = decide([night(300), night(400), night(500)], { keepLast: 0, keepForMs: DAY_MS, minimumProven: 2 });
    expect(rulesOf(verdicts)).toEqual({ 'night-300': 'minimum-proven', 'night-400': 'minimum-proven', 'night-500': 'outside-every-rule' });
    expect(ids(decide([night(300)], { keepLast: 0, minimumProven: 0 }), 'keep')).toEqual(['night-300']);
  });

  it('stops also when the newest run failed before it had begun a backup, until a later one did', () => {
    const failedRun = { runId: 'run-x', at: NOW };
    expect(ids(decide(nights(5).map((one) => ({ ...one, createdAt: one.createdAt.replace('12:', '02:') })), {}, failedRun), 'expire')).toEqual([]);
    expect(ids(decide(nights(5), {}, { runId: 'run-x', at: night(3).createdAt }), 'expire')).toEqual(['night-3', 'night-4']);
    // The run failed for another database; of this one it proved the backup of that night.
    expect(ids(decide(nights(5), {}, { runId: 'run-0', at: NOW }), 'expire')).toEqual(['night-3', 'night-4']);
    // Its backup is there, and nobody could prove it.
    expect(ids(decide([night(0, { state: 'stored' }), ...nights(6).slice(1)], {}, { runId: 'run-0', at: NOW }), 'expire')).toEqual([]);
  });
});

describe('order and scope', () => {
  it('B32 orders by the time of the database, not by name, arrival or LSN', () => {
    const upgraded = [at('2026-11-19T02:00:00Z', { backupId: 'a-newest', createdAt: '2026-11-01T00:00:00Z' }), at('2026-11-18T02:00:00Z', { backupId: 'z-older', createdAt: '2026-11-20T00:00:00Z' })];
    expect(ids(decide(upgraded, { keepLast: 1 }), 'expire')).toEqual(['z-older']);
  });

  it('B32 an upgraded server is a line of its own: the old one keeps its last proven backups', () => {
    const old = nights(5).map((one) => ({ ...one, backupId: `old-${one.backupId}`, systemId: '1' }));
    const verdicts = decide([...nights(5), ...old], { keepLast: 2, minimumProven: 2 });
    expect(ids(verdicts, 'keep').toSorted()).toEqual(['night-0', 'night-1', 'old-night-0', 'old-night-1']);
  });

  it('B46 two systems under one name of the inventory do not count for each other', () => {
    const verdicts = decide([night(0, { systemId: null }), night(1, { systemId: '1' }), night(2, { systemId: '2' })], { keepLast: 1 });
    expect(ids(verdicts, 'expire')).toEqual([]);
  });

  it('databases whose names begin alike do not count for each other', () => {
    const names = ['app', 'app-x', 'app_x', 'app/x', 'App', ' app'];
    const backups = names.flatMap((database) => nights(3).map((one) => ({ ...one, database, backupId: `${database}|${one.backupId}` })));
    expect(ids(decide(backups, { keepLast: 1 }), 'keep').toSorted()).toEqual(names.map((name) => `${name}|night-0`).toSorted());
  });
});

it('B62 a database whose clock is ten minutes off is judged by its own clock, and a snapshot of the future is young', () => {
  const ahead = (age: number) => {
    const one = night(age);
    return { ...one, snapshotAt: new Date(Date.parse(one.snapshotAt!) + 600_000).toISOString() };
  };
  const verdicts = decide([0, 1, 2, 3].map(ahead), { keepLast: 0, keepForMs: 2 * DAY_MS });
  expect(ids(verdicts, 'expire')).toEqual(['night-3']);
  expect(verdicts[0]).toMatchObject({ rule: 'keep-for', keptUntil: '2026-11-22T12:10:00.000Z' });
});

describe('the calendar', () => {
  it('a night on which clocks change is one night', () => {
    // Berlin: 29 March 2026 has 23 hours, 25 October 2026 has 25.
    const spring = [at('2026-03-28T23:30:00Z'), at('2026-03-29T21:30:00Z'), at('2026-03-29T22:30:00Z')];
    expect(ids(decide(spring, { keepLast: 0, daily: 2 }), 'keep')).toEqual(['2026-03-29T22:30:00Z', '2026-03-29T21:30:00Z']);
    const autumn = [at('2026-10-24T22:30:00Z'), at('2026-10-25T00:30:00Z'), at('2026-10-25T01:30:00Z'), at('2026-10-25T22:59:00Z'), at('2026-10-25T23:01:00Z')];
    expect(ids(decide(autumn, { keepLast: 0, daily: 2 }), 'keep')).toEqual(['2026-10-25T23:01:00Z', '2026-10-25T22:59:00Z']);
  });

  it('29 February is a day of its own, and the last of its month', () => {
    const leap = [at('2024-02-28T12:00:00Z'), at('2024-02-29T12:00:00Z'), at('2024-03-01T12:00:00Z')];
    expect(ids(decide(leap, { keepLast: 0, monthly: 2 }), 'keep')).toEqual(['2024-03-01T12:00:00Z', '2024-02-29T12:00:00Z']);
    expect(ids(decide(leap, { keepLast: 0, daily: 3 }), 'keep')).toHaveLength(3);
  });

  it('a week belongs to the year that has its Thursday', () => {
    const turn = [at('2026-12-31T12:00:00Z'), at('2027-01-01T12:00:00Z'), at('2027-01-04T12:00:00Z')];
    expect(ids(decide(turn, { keepLast: 0, weekly: 2 }), 'keep')).toEqual(['2027-01-04T12:00:00Z', '2027-01-01T12:00:00Z']);
  });
});

const policies = fc.record<RetentionPolicy>({
  keepLast: fc.nat(5),
  keepForMs: fc.option(fc.integer({ min: 1, max: 60 * DAY_MS })),
  daily: fc.nat(5),
  weekly: fc.nat(4),
  monthly: fc.nat(4),
  yearly: fc.nat(2),
  minimumProven: fc.nat(4),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'),
});
const backups = fc.array(
  fc.record({
    age: fc.nat(900),
    hour: fc.nat(23),
    state: fc.constantFrom('proven', 'proven', 'proven', 'stored', 'failed', 'rejected', 'created', 'deleted'),
    database: fc.constantFrom('app', 'app-x'),
    systemId: fc.constantFrom('1', '2', null),
    held: fc.nat(9).map((value) => value === 0),
  }),
  { maxLength: 40 },
).map((rows) => rows.map(({ age, hour, state, database, systemId, held }, index) => {
  const time = new Date(Date.parse(NOW) - age * DAY_MS - hour * 3_600_000 - index).toISOString();
  return night(0, { backupId: `b${index}`, runId: `r${index}`, createdAt: time, snapshotAt: time, state: state as RetentionBackup['state'], database, systemId, hold: held ? { by: 'ada', reason: 'x', at: NOW } : null });
}));

describe('whatever the policy and the backups', () => {
  const lineOf = ({ systemId, database }: RetentionBackup): string => `${systemId}|${database}`;
  const expiredOf = (policy: RetentionPolicy, rows: readonly RetentionBackup[]): Set<string> => new Set(ids(decideRetention({ policy, backups: rows, now: NOW }), 'expire'));

  it('B31 of every line the newest proven ones stay, at least as many as wanted', () => {
    fc.assert(fc.property(policies, backups, (policy, rows) => {
      const gone = expiredOf(policy, rows);
      for (const line of Map.groupBy(rows.filter(({ state }) => state === 'proven'), lineOf).values()) {
        const newest = line.toSorted((left, right) => Date.parse(right.snapshotAt!) - Date.parse(left.snapshotAt!)).slice(0, Math.max(1, policy.minimumProven));
        expect(newest.filter(({ backupId }) => gone.has(backupId))).toEqual([]);
      }
    }));
  });

  it('nothing held and nothing under way expires, and every backup that is there has a verdict with a reason', () => {
    fc.assert(fc.property(policies, backups, (policy, rows) => {
      const verdicts = decideRetention({ policy, backups: rows, now: NOW });
      expect(verdicts.map(({ backupId }) => backupId).toSorted()).toEqual(rows.filter(({ state }) => state !== 'deleted').map(({ backupId }) => backupId).toSorted());
      const gone = new Set(ids(verdicts, 'expire'));
      expect(rows.filter(({ backupId, hold, state }) => gone.has(backupId) && (hold !== null || state === 'created'))).toEqual([]);
      expect(verdicts.every(({ reason }) => /^[A-Z].*\.$/.test(reason))).toBe(true);
    }));
  });

  it('what went is not needed for what stays: asked again, nothing more expires', () => {
    fc.assert(fc.property(policies, backups, (policy, rows) => {
      const gone = expiredOf(policy, rows);
      expect(expiredOf(policy, rows.filter(({ backupId }) => !gone.has(backupId)))).toEqual(new Set());
    }));
  });

  it('neither the order of the rows nor their names matter', () => {
    fc.assert(fc.property(policies, backups, (policy, rows) => {
      const renamed = rows.toReversed().map((row) => ({ ...row, backupId: `x${row.backupId.length}${row.backupId.split('').toReversed().join('')}`, was: row.backupId }));
      const gone = expiredOf(policy, renamed);
      expect(new Set(renamed.filter(({ backupId }) => gone.has(backupId)).map(({ was }) => was))).toEqual(expiredOf(policy, rows));
    }));
  });

  it('lines do not see each other', () => {
    fc.assert(fc.property(policies, backups, (policy, rows) => {
      const apart = [...Map.groupBy(rows, lineOf).values()].flatMap((line) => [...expiredOf(policy, line)]);
      expect(new Set(apart)).toEqual(expiredOf(policy, rows));
    }));
  });

  it('one more failed night never makes anything expire', () => {
    fc.assert(fc.property(policies, backups, (policy, rows) => {
      const after = expiredOf(policy, [...rows, ...['app', 'app-x'].flatMap((database) => ['1', '2', null].map((systemId) => night(-1, { backupId: `f${database}${systemId}`, state: 'failed', snapshotAt: null, database, systemId })))]);
      expect([...after]).toEqual([]);
    }));
  });
});
