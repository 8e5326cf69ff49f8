import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hasReached, lsnDistance, lsnToBytes, parseLsn } from '../../domain/lsn.ts';

const position = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const print = (bytes: bigint) => parseLsn(`${(bytes >> 32n).toString(16)}/${(bytes & 0xffffffffn).toString(16)}`);

describe('a log position', () => {
  it('is the byte offset that its two halves print', () => {
    fc.assert(fc.property(position, (bytes) => lsnToBytes(print(bytes)) === bytes));
    expect(lsnToBytes(parseLsn('16/B374D848'))).toBe(0x16b374d848n);
  });

  it('orders as its bytes do, not as its text', () => {
    fc.assert(fc.property(position, position, (a, b) => hasReached(print(a), print(b)) === a >= b));
    expect(hasReached(parseLsn('10/0'), parseLsn('9/FFFFFFFF'))).toBe(true);
  });

  it('is as far behind another as there are bytes between, and never ahead by less than nothing', () => {
    expect(lsnDistance(parseLsn('0/FFFFFFFF'), parseLsn('1/1'))).toBe(2);
    expect(lsnDistance(parseLsn('1/1'), parseLsn('0/FFFFFFFF'))).toBe(0);
  });

  it.each(['', '16', '16/', '/16', '1/2/3', '0x1/2', ' 1/2', '123456789/0', 'G/0'])('is not %j', (text) => {
    expect(() => parseLsn(text)).toThrow(RangeError);
  });
});
