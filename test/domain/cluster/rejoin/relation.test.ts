import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relate, type NodeLog, type PrimaryLog } from '../../../../domain/cluster/rejoin/relation.ts';
import { history, lsn, lsnAt } from '../builders.ts';

/** Timeline 2 began at 0/3000000. */
const PRIMARY: PrimaryLog = { systemIdentifier: '7311', history: history(2, [1, '0/3000000']), writeLsn: lsn('0/5000000') };
const NODE: NodeLog = { systemIdentifier: '7311', state: 'in production', history: history(1), endLsn: lsn('0/2FFFF00') };
const of = (node: Partial<NodeLog>, primary: Partial<PrimaryLog> = {}) => relate({ ...NODE, ...node }, { ...PRIMARY, ...primary });

describe('the log of a node', () => {
  it('is clean when it was stopped before the fork, its last record included', () => {
    expect(of({ state: 'shut down' })).toMatchObject({ relation: 'clean', forkLsn: '0/3000000', by: ['R50', 'C6', 'E2'] });
    // The shutdown record begins where the timeline forked: the new primary never had it (HA22).
    expect(of({ state: 'shut down', endLsn: lsn('0/3000000') })).toMatchObject({ relation: 'ahead' });
  });

  it('is behind when all of it is the primary\'s', () => {
    expect(of({ endLsn: lsn('0/3000000') })).toMatchObject({ relation: 'behind' });
    expect(of({ history: history(2, [1, '0/3000000']), endLsn: lsn('0/5000000'), state: 'in archive recovery' })).toMatchObject({ relation: 'behind', forkLsn: null });
  });

  it('HA37 is ahead when it wrote past the fork', () => {
    expect(of({ endLsn: lsn('0/3000001') })).toMatchObject({ relation: 'ahead', reason: 'Its log ends at 0/3000001, past 0/3000000, where timeline 2 began.' });
  });

  it('is forked when its timeline is not in the history of the primary', () => {
    expect(of({ history: history(3, [1, '0/2000000']), endLsn: lsn('0/2000100') })).toMatchObject({ relation: 'forked', commonTimeline: 1, forkLsn: '0/2000000' });
    expect(of({ history: history(3, [1, '0/3000000'], [2, '0/4000000']), endLsn: lsn('0/4000000') })).toMatchObject({ relation: 'forked', commonTimeline: 2, forkLsn: '0/4000000' });
  });

  it('HA15 is of another fork when the number is the same and the history is not', () => {
    expect(of({ history: history(2, [1, '0/3000060']), endLsn: lsn('0/3000100') })).toMatchObject({ relation: 'same-timeline-other-fork', rule: 'one-number-two-forks', forkLsn: '0/3000000' });
    expect(of({ history: history(2, [1, '0/3000000']), endLsn: lsn('0/5000001') })).toMatchObject({ relation: 'same-timeline-other-fork', rule: 'past-the-primary' });
  });

  it('is foreign when the system or every timeline is another', () => {
    expect(of({ systemIdentifier: '9' })).toMatchObject({ relation: 'foreign', by: ['R52', 'E2'] });
    expect(of({ history: history(4, [3, '0/3000000']) })).toMatchObject({ relation: 'foreign', rule: 'no-common-timeline' });
  });

  it('is never called followable when it holds a byte that the primary does not', () => {
    const fork = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(fork, fork, fc.integer({ min: 0, max: 100 }), fc.constantFrom(1, 2, 3), fc.constantFrom<NodeLog['state']>('in production', 'shut down', 'in archive recovery'), (primaryFork, nodeFork, extra, timeline, state) => {
        // Byte by byte, who wrote it: timeline 1 up to the fork, then the timeline of each fork.
        const endAt = (timeline === 1 ? 0 : nodeFork) + extra;
        const node = { state, endLsn: lsnAt(endAt), history: timeline === 1 ? history(1) : { timeline, ancestors: [{ timeline: 1, endLsn: lsnAt(nodeFork) }] } };
        const primary = { writeLsn: lsnAt(100), history: { timeline: 2, ancestors: [{ timeline: 1, endLsn: lsnAt(primaryFork) }] } };
        const sameLine = timeline === 2 && nodeFork === primaryFork;
        // The record at the end of a clean stop takes at least one byte more.
        const end = state === 'shut down' ? endAt + 1 : endAt;
        const limit = sameLine ? 100 : timeline === 1 ? primaryFork : Math.min(primaryFork, nodeFork);
        const follows = timeline === 1 ? end <= limit : sameLine && end <= limit;
        expect(['clean', 'behind'].includes(of(node, primary).relation)).toBe(follows);
      }),
      { numRuns: 2000 },
    );
  });
});
