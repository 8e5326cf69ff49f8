import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Classification } from '../../../../domain/cluster/failover/classify.ts';
import { judgeGates, type FailoverPolicy, type WatchRecord } from '../../../../domain/cluster/failover/gates.ts';
import { describePause, isPaused, lintPause, type Pause } from '../../../../domain/cluster/failover/pause.ts';
import { decideWatch, type WatchDecision, type WatchQuestion } from '../../../../domain/cluster/failover/watch.ts';
import { ago, NOW } from '../builders.ts';

const MINUTE = 60_000;
const POLICY: FailoverPolicy = { automatic: true, coolDownMs: 20 * MINUTE, flapLimit: { count: 2, withinMs: 60 * MINUTE } };
const RECORD: WatchRecord = { pause: null, resumedAt: null, lastHealthyAt: ago(1000), redundantAtLoss: true, otherOperation: null, roleChanges: [] };
const DEAD: Classification = { class: 'postmaster-dead', rule: 'agent-says-dead', by: ['G2'], reason: 'Dead.' };
const PAUSE: Pause = { by: 'ada', reason: 'maintenance', at: ago(MINUTE), forMs: 10 * MINUTE };

const gates = (record: Partial<WatchRecord> = {}, rest: { policy?: Partial<FailoverPolicy>; classification?: Classification } = {}) =>
  judgeGates({ policy: { ...POLICY, ...rest.policy }, record: { ...RECORD, ...record }, classification: rest.classification ?? DEAD, now: NOW });
const closed = (...question: Parameters<typeof gates>): string[] => gates(...question).filter(({ open }) => !open).map(({ rule }) => rule);
const watch = (record: Partial<WatchRecord> = {}, rest: Partial<WatchQuestion> = {}): WatchDecision =>
  decideWatch({ classification: DEAD, gates: gates(record, { classification: rest.classification ?? DEAD }), localRestart: 'never', restartTried: false, ...rest });

describe('the gates of an automatic failover', () => {
  it('are all open for a primary that died out of a healthy cluster', () => {
    expect(closed()).toEqual([]);
  });

  it('stay closed while the primary is not lost, or automatic failover is off', () => {
    expect(closed({}, { classification: { class: 'partition', rule: 'somebody-sees-it', by: ['HA8'], reason: 'Seen.' } })).toEqual(['primary-lost']);
    expect(closed({}, { policy: { automatic: false } })).toEqual(['automatic-failover-on']);
  });

  it('HA51 stay closed within the cool-down of any change of roles, and while its age is unknown', () => {
    expect(closed({ roleChanges: [{ at: ago(20 * MINUTE - 1), automatic: false }] })).toEqual(['cool-down-over']);
    expect(closed({ roleChanges: [{ at: ago(20 * MINUTE), automatic: true }] })).toEqual([]);
    expect(closed({ roleChanges: [{ at: ago(90 * MINUTE, 'another'), automatic: false }] })).toEqual(['cool-down-over']);
  });

  it('HA56 leave the third automatic failover within the hour to a human', () => {
    const twice = [{ at: ago(50 * MINUTE), automatic: true }, { at: ago(30 * MINUTE), automatic: true }];
    expect(closed({ roleChanges: twice })).toEqual(['not-flapping']);
    expect(closed({ roleChanges: twice.map((one) => ({ ...one, automatic: false })) })).toEqual([]);
    expect(closed({ roleChanges: [{ at: ago(60 * MINUTE), automatic: true }, twice[1]!] })).toEqual([]);
  });

  it('HA59 stay closed while another operation holds the cluster', () => {
    expect(gates({ otherOperation: 'switchover/shop' }).find(({ open }) => !open)).toMatchObject({ rule: 'no-other-operation', reason: 'switchover/shop holds the cluster.' });
  });

  it('stay closed when no standby followed at the end', () => {
    expect(closed({ redundantAtLoss: false })).toEqual(['redundant-at-loss']);
  });

  it('HA52 stay closed after a pause until the primary was seen well again', () => {
    expect(closed({ resumedAt: ago(500), lastHealthyAt: ago(1000) })).toEqual(['seen-well-before']);
    expect(closed({ resumedAt: ago(1000), lastHealthyAt: ago(500) })).toEqual([]);
    expect(closed({ pause: { ...PAUSE, forMs: 30_000 }, lastHealthyAt: ago(45_000) })).toEqual(['seen-well-before']);
    expect(closed({ pause: { ...PAUSE, forMs: 30_000 }, lastHealthyAt: ago(15_000) })).toEqual([]);
    expect(closed({ resumedAt: ago(5000), lastHealthyAt: ago(1, 'another') })).toEqual(['seen-well-before']);
    expect(closed({ lastHealthyAt: null })).toEqual(['seen-well-before']);
  });

  it('tell every reason at once', () => {
    expect(closed({ pause: PAUSE, redundantAtLoss: false, otherOperation: 'backup/shop' })).toEqual(['not-paused', 'redundant-at-loss', 'no-other-operation']);
  });
});

describe('a pause', () => {
  it('HA52 has an owner and an end', () => {
    expect(isPaused(PAUSE, NOW)).toBe(true);
    expect(isPaused({ ...PAUSE, forMs: MINUTE }, NOW)).toBe(false);
    expect(describePause(PAUSE, NOW)).toBe('Paused by ada (maintenance), for another 540 s.');
    expect(lintPause({ by: 'ada', forMs: MINUTE }, 60 * MINUTE)).toEqual([]);
    expect(lintPause({ by: ' ', forMs: 61 * MINUTE }, 60 * MINUTE).map(({ rule }) => rule)).toEqual(['pause-without-owner', 'pause-without-end']);
    expect(lintPause({ by: 'ada', forMs: 0 }, 60 * MINUTE).map(({ rule }) => rule)).toEqual(['pause-without-end']);
  });

  it('is in force while nobody can tell how old it is', () => {
    expect(isPaused({ ...PAUSE, at: ago(999 * MINUTE, 'another') }, NOW)).toBe(true);
  });
});

describe('the watcher', () => {
  it('watches what serves, alerts about what is no death, and fails over what is dead', () => {
    expect(watch({}, { classification: { class: 'serving', rule: 'seen-by-all', by: ['G1'], reason: 'Seen.' } }).action).toBe('watch');
    expect(watch({}, { classification: { class: 'not-death', rule: 'alive-but-troubled', by: ['HA13'], reason: 'Disk full.' } })).toMatchObject({ action: 'alert', by: ['HA13'] });
    expect(watch().action).toBe('fail-over');
  });

  it('lets the agent start a dead server again once per incident, when the policy has it', () => {
    expect(watch({}, { localRestart: 'allowed' })).toMatchObject({ action: 'restart-locally', by: ['G3'] });
    expect(watch({}, { localRestart: 'allowed', restartTried: true }).action).toBe('fail-over');
    expect(watch({ roleChanges: [{ at: ago(1), automatic: true }] }, { localRestart: 'allowed' }).action).toBe('restart-locally');
    expect(watch({ otherOperation: 'switchover/shop' }, { localRestart: 'allowed' }).action).toBe('alert');
    expect(watch({}, { localRestart: 'allowed', classification: { ...DEAD, class: 'host-unreachable', rule: 'lost-by-most' } }).action).toBe('fail-over');
  });

  it('R56 never acts while it is paused, whatever it sees', () => {
    const record = fc.record({ redundantAtLoss: fc.boolean(), lastHealthyAt: fc.constantFrom(ago(10), ago(10_000_000), null), resumedAt: fc.constantFrom(null, ago(5)), roleChanges: fc.constantFrom([], [{ at: ago(99_000_000), automatic: true }]) });
    const seen = fc.constantFrom<Classification>(DEAD, { ...DEAD, class: 'frozen' }, { ...DEAD, class: 'host-unreachable' }, { ...DEAD, class: 'serving' }, { ...DEAD, class: 'partition' });
    fc.assert(
      fc.property(record, seen, fc.nat({ max: 9 * MINUTE - 1 }), fc.boolean(), fc.constantFrom('allowed' as const, 'never' as const), (rest, classification, later, restartTried, localRestart) => {
        const pause = { ...PAUSE, at: ago(MINUTE + later) };
        expect(['watch', 'alert']).toContain(watch({ ...rest, pause }, { classification, restartTried, localRestart }).action);
      }),
    );
  });
});
