import { describe, expect, it } from 'vitest';
import { commonAncestor, isOnLine, parseHistory, sameHistory } from '../../../domain/cluster/timeline.ts';
import { history, lsn } from './builders.ts';

describe('a history file', () => {
  it('is read with its comments, reasons and empty lines', () => {
    const text = '1\t0/3000148\tno recovery target specified\n\n# by hand\n2\t0/50000A0\tbefore 2026-11-20 12:00:00+00\n';
    expect(parseHistory(3, text)).toEqual(history(3, [1, '0/3000148'], [2, '0/50000A0']));
  });

  it('is refused when a line is none, or timelines do not increase', () => {
    expect(() => parseHistory(2, 'one 0/3000148')).toThrow(RangeError);
    expect(() => parseHistory(2, '1 nowhere')).toThrow(RangeError);
    expect(() => parseHistory(2, '2\t0/3000148\tx')).toThrow(RangeError);
    expect(() => parseHistory(4, '2\t0/3000148\tx\n1\t0/4000148\tx')).toThrow(RangeError);
  });
});

describe('two histories', () => {
  it('HA15 are the same only entry by entry: one number may be two forks', () => {
    expect(sameHistory(history(2, [1, '0/3000000']), history(2, [1, '0/3000000']))).toBe(true);
    expect(sameHistory(history(2, [1, '0/3000000']), history(2, [1, '0/3000060']))).toBe(false);
    expect(sameHistory(history(2, [1, '0/3000000']), history(3, [1, '0/3000000']))).toBe(false);
  });

  it('part where the earlier of them left the last timeline they share', () => {
    expect(commonAncestor(history(1), history(1))).toEqual({ timeline: 1, forkLsn: null });
    expect(commonAncestor(history(1), history(2, [1, '0/3000000']))).toEqual({ timeline: 1, forkLsn: '0/3000000' });
    expect(commonAncestor(history(2, [1, '0/3000000']), history(3, [1, '0/2000000']))).toEqual({ timeline: 1, forkLsn: '0/2000000' });
    expect(commonAncestor(history(2, [1, '0/3000000']), history(3, [1, '0/3000000'], [2, '0/5000000']))).toEqual({ timeline: 2, forkLsn: '0/5000000' });
    expect(commonAncestor(history(2, [1, '0/3000000']), history(2, [1, '0/3000060']))).toEqual({ timeline: 1, forkLsn: '0/3000000' });
    expect(commonAncestor(history(3, [2, '0/3000000']), history(1))).toBeUndefined();
  });

  it('HA37 say whether a position is on the line of another node', () => {
    const after = history(2, [1, '0/3000000']);
    expect(isOnLine(history(1), lsn('0/3000000'), after)).toBe(true);
    expect(isOnLine(history(1), lsn('0/3000001'), after)).toBe(false);
    expect(isOnLine(after, lsn('0/9000000'), after)).toBe(true);
    expect(isOnLine(after, lsn('0/3000001'), history(2, [1, '0/3000060']))).toBe(false);
  });
});
