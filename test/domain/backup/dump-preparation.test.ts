import { expect, it } from 'vitest';

import { placeOf } from '../../../domain/backup/backup-name.ts';
import { clockSkewMs } from '../../../domain/backup/clock-skew.ts';
import { dumpWarnings } from '../../../domain/backup/dump-warnings.ts';

it('a backup is named by the moment and its mark, below server and database', () => {
  const identity = { systemId: '7391', server: 'shop', databasePart: 'shop', at: '2026-11-20T02:00:00.123456Z', mark: '1a2b3c4d' };
  expect(placeOf(identity)).toEqual({ backupId: '20261120T020000Z-1a2b3c4d', prefix: '7391/shop/20261120T020000Z-1a2b3c4d/' });
  expect(placeOf({ ...identity, systemId: null }).prefix).toMatch(/^shop\/shop\//);
});

it('B62 clocks differ by what the time of the question does not explain', () => {
  expect(clockSkewMs({ before: 1000, after: 1400, server: 1200 })).toBe(0);
  expect(clockSkewMs({ before: 1000, after: 1400, server: 601_400 })).toBe(600_000);
  expect(clockSkewMs({ before: 601_000, after: 601_400, server: 1000 })).toBe(-600_000);
});

it('B15 says what the lock table and a file for each large object will not carry', () => {
  expect(dumpWarnings({ lockedTables: 300, lockSlots: 6400, largeObjects: 3 })).toEqual([]);
  expect(dumpWarnings({ lockedTables: 10_000, lockSlots: 6400, largeObjects: 100_000 }).join('\n')).toMatch(/10000 tables.*6400 locks.*max_locks_per_transaction[^]*100000 large objects/);
});
