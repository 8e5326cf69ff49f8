import { expect, test } from 'vitest';

import { cutoverGaps, distributionOf, longestGaps } from '../../../scripts/demo/writers/pauses.ts';
import type { WriteRecord } from '../../../scripts/demo/writers/write-record.ts';

const acked = (writer: number, atMs: number, server = 'old'): WriteRecord => ({ writer, n: atMs, outcome: 'acked', atMs, server });

test('the longest gap is between two acknowledged commits of one writer', () => {
  const records = [acked(1, 0), acked(2, 10), acked(1, 100), acked(2, 300), acked(1, 120)];
  expect(longestGaps(records, 310)).toEqual([190, 290]);
});

test('failed transactions do not shorten a gap', () => {
  const failed: WriteRecord = { ...acked(1, 50), outcome: 'failed', sqlstate: '57P01' };
  expect(longestGaps([acked(1, 0), failed, acked(1, 100)], 100)).toEqual([100]);
});

test('a writer that never came back has a gap until the end', () => {
  expect(longestGaps([acked(1, 0), acked(1, 10)], 5_000)).toEqual([4_990]);
});

test('the write pause leaves out a stall long before the switch', () => {
  const records = [acked(1, 0), acked(1, 9_000), acked(1, 20_000), acked(1, 20_020), acked(1, 20_300, 'new'), acked(1, 20_320, 'new')];
  expect(cutoverGaps([...records, acked(1, 15_000)], 20_320)).toEqual([5_000]);
  expect(cutoverGaps([...records, acked(1, 18_000), acked(1, 18_900)], 20_320)).toEqual([1_100]);
  expect(cutoverGaps([...records, acked(1, 18_000), acked(1, 18_900), acked(1, 19_500)], 20_320)).toEqual([600]);
});

test('a stall right after the switch is part of the write pause', () => {
  const records = [acked(1, 0), acked(1, 2_000), acked(1, 2_100, 'new'), acked(1, 2_900, 'new'), acked(1, 2_910, 'new')];
  expect(cutoverGaps(records, 2_910)).toEqual([2_000]);
  expect(cutoverGaps([...records, acked(1, 900), acked(1, 1_500)], 2_910)).toEqual([800]);
});

test('without a change of server the write pause is the longest gap of all', () => {
  expect(cutoverGaps([acked(1, 0), acked(1, 70), acked(1, 90)], 90)).toEqual([70]);
});

test('percentiles are by the nearest rank', () => {
  expect(distributionOf([5, 1, 2, 3, 4])).toEqual({ p50: 3, p95: 5, max: 5 });
  expect(distributionOf([])).toEqual({ p50: 0, p95: 0, max: 0 });
});
