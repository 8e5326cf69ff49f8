import { describe, expect, it } from 'vitest';
import { ANSWERS, impressionOf } from '../../../domain/cluster/sighting.ts';
import { sighting } from './builders.ts';

describe('a sighting', () => {
  it('HA13 tells a server in trouble from one that is lost', () => {
    expect(Map.groupBy(ANSWERS, (answer) => impressionOf(sighting({ answer }), 2000))).toEqual(new Map([
      ['seen', ['serving']],
      ['troubled', ['in-recovery', 'starting', 'shutting-down', 'too-many-connections', 'authentication', 'disk-full']],
      ['lost', ['refused', 'timed-out', 'unreachable']],
    ]));
  });

  it('HA8 is one of life while replication messages come, whatever the dial says', () => {
    expect(impressionOf(sighting({ answer: 'timed-out', receiverAgeMs: 1999 }), 2000)).toBe('seen');
    expect(impressionOf(sighting({ answer: 'timed-out', receiverAgeMs: 2000 }), 2000)).toBe('lost');
  });

  it('HA12 takes a lost name for nothing more than that', () => {
    expect(impressionOf(sighting({ nameResolves: false }), 2000)).toBe('seen');
  });
});
