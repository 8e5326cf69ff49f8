import { describe, expect, it } from 'vitest';
import { ageMs, isFresh, lastWords } from '../../../domain/cluster/reading.ts';
import { ago, NOW, said } from './builders.ts';

describe('readings of a monotonic clock', () => {
  it('HA58 have an age on their own clock only', () => {
    expect(ageMs(ago(250), NOW)).toBe(250);
    expect(ageMs(ago(250, 'another'), NOW)).toBeUndefined();
    expect(ageMs(NOW, ago(250))).toBeUndefined();
  });

  it('are fresh up to the limit, and never when their age is unknown', () => {
    expect([1999, 2000, 2001].map((age) => isFresh(said('bravo', 1, age), NOW, 2000))).toEqual([true, true, false]);
    expect(isFresh({ ...said('bravo', 1), askedAt: ago(1, 'another') }, NOW, 2000)).toBe(false);
  });

  it('keep the last word of each observer, in whatever order they come', () => {
    const log = [said('bravo', 'old', 900), said('bravo', 'new', 100), said('bravo', 'middle', 500), said('charlie', 'only', 4000)];
    expect([...lastWords(log, NOW).values()].map(({ value }) => value)).toEqual(['new', 'only']);
    expect([...lastWords(log.toReversed(), NOW).values()].map(({ value }) => value).toSorted()).toEqual(['new', 'only']);
  });

  it('take what was said on another clock for older than anything on this one, and do not forget it', () => {
    const before = { ...said('bravo', 'before'), askedAt: { clock: 'another', ms: NOW.ms * 9 } };
    expect(lastWords([before, said('bravo', 'since', 9000)], NOW).get('bravo')?.value).toBe('since');
    expect(lastWords([said('bravo', 'since', 9000), before], NOW).get('bravo')?.value).toBe('since');
    expect(lastWords([before], NOW).get('bravo')?.value).toBe('before');
  });
});
