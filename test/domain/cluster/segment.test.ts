import { describe, expect, it } from 'vitest';

import { endOfLogIn, holds, segmentNamed, segmentNameOf } from '../../../domain/cluster/segment.ts';
import { parseLsn } from '../../../domain/lsn.ts';

const MB16 = 16 * 1024 * 1024;

describe('segments of the log', () => {
  it('are named by timeline and position, in any size of segment', () => {
    expect(segmentNameOf(3, parseLsn('2/A1000028'), MB16)).toBe('0000000300000002000000A1');
    expect(segmentNamed('0000000300000002000000A1', MB16)).toEqual({ name: '0000000300000002000000A1', timeline: 3, beginLsn: '2/A1000000' });
    expect(segmentNamed(segmentNameOf(1, parseLsn('2/A1000028'), 4 * MB16), 4 * MB16)?.beginLsn).toBe('2/A0000000');
    expect(segmentNamed('00000003.history', MB16)).toBeUndefined();
  });

  it('hold what lies between their ends', () => {
    const segment = segmentNamed('000000010000000000000003', MB16)!;
    expect([holds(segment, parseLsn('0/3000000'), MB16), holds(segment, parseLsn('0/3FFFFFF'), MB16), holds(segment, parseLsn('0/4000000'), MB16), holds(segment, parseLsn('0/2FFFFFF'), MB16)]).toEqual([true, true, false, false]);
  });
});

describe('the end of the log as pg_waldump tells it', () => {
  it('is where the first record that is none would begin', () => {
    expect(endOfLogIn('pg_waldump: error: error in WAL record at 0/3000148: invalid record length at 0/3000180: expected at least 24, got 0')).toBe('0/3000180');
  });

  it('is before the header of a page that holds nothing else', () => {
    expect(endOfLogIn('error in WAL record at 0/3001F00: invalid record length at 0/3002018: wanted 24, got 0')).toBe('0/3002000');
    expect(endOfLogIn('error in WAL record at 0/3FFFF00: invalid record length at 0/4000028: wanted 24, got 0')).toBe('0/4000000');
  });

  it('HA37 is past the last record, never at its beginning, when no more is said', () => {
    expect(endOfLogIn('error in WAL record at 0/3000148: incorrect resource manager data checksum in record')).toBe('0/3000149');
    expect(endOfLogIn('could not find file "000000010000000000000004": No such file or directory')).toBeUndefined();
  });
});
