import { describe, expect, it } from 'vitest';

import { parseLsn } from '../../domain/lsn.ts';
import { endOfRecord, placeOf } from '../../domain/wal-record.ts';

const LAYOUT = { pageBytes: 8192, segmentBytes: 16 * 2 ** 20 };
const end = (lsn: string, bytes: number): string => endOfRecord(parseLsn(lsn), bytes, LAYOUT);

describe('the end of a record of the log', () => {
  it('is the next eight bytes behind it', () => {
    expect(end('0/3000028', 114)).toBe('0/30000A0');
    expect(end('0/3000028', 120)).toBe('0/30000A0');
  });

  it('lies behind the header of each page that it reaches into', () => {
    expect(end('0/3001FF8', 114)).toBe(`0/${(0x3002000 + 24 + 106 + 6).toString(16).toUpperCase()}`);
    expect(end('0/3FFFFF8', 114)).toBe(`0/${(0x4000000 + 40 + 106 + 6).toString(16).toUpperCase()}`);
    expect(end('0/3001F00', 20_000)).toBe(`0/${(0x3001f00 + 20_000 + 3 * 24).toString(16).toUpperCase()}`);
  });
});

describe('the file of a position', () => {
  it('is named by timeline and segment', () => {
    expect(placeOf(parseLsn('1/3000028'), 7, LAYOUT)).toEqual({ file: '000000070000000100000003', offset: 0x28 });
    expect(placeOf(parseLsn('1/C0000028'), 1, { ...LAYOUT, segmentBytes: 2 ** 30 })).toEqual({ file: '000000010000000100000003', offset: 0x28 });
  });
});
