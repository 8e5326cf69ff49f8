import { expect, test } from 'vitest';

import { judge, type RequestRow } from '../../../scripts/demo/writers/judge.ts';
import { parseLedger, formatRecord, type WriteRecord } from '../../../scripts/demo/writers/write-record.ts';

const record = (n: number, outcome: WriteRecord['outcome'] = 'acked'): WriteRecord => ({ writer: 1, n, outcome, atMs: n, server: 'old' });
const row = (n: number, traces: Partial<RequestRow> = {}): RequestRow => ({ request: `1/${n}`, entries: 1, rentals: 1, payments: 1, ...traces });

test('every acknowledged write that is there once is no finding', () => {
  expect(judge([record(1), record(2)], [row(1), row(2)])).toEqual({
    acked: 2,
    lost: [],
    duplicated: [],
    torn: [],
    unexplained: [],
    ambiguous: { present: 0, absent: 0 },
  });
});

test('an acknowledged write without any trace is lost', () => {
  expect(judge([record(1), record(2)], [row(1)]).lost).toEqual(['1/2']);
});

test.each<[string, Partial<RequestRow>]>([
  ['ledger row', { entries: 2 }],
  ['rental', { rentals: 2 }],
  ['payment', { payments: 2 }],
])('a second %s is a duplicated write', (_, traces) => {
  expect(judge([record(1)], [row(1, traces)]).duplicated).toEqual(['1/1']);
});

test('a write of which one trace is missing is torn', () => {
  expect(judge([record(1)], [row(1, { payments: 0 })]).torn).toEqual(['1/1']);
});

test('a write that failed before its COMMIT, or was never sent, must not be there', () => {
  expect(judge([record(1, 'failed')], [row(1), row(9)]).unexplained).toEqual(['1/1', '1/9']);
});

test('a write whose COMMIT was cut may be there or not', () => {
  const verdict = judge([record(1, 'ambiguous'), record(2, 'ambiguous')], [row(1)]);
  expect(verdict).toMatchObject({ lost: [], unexplained: [], ambiguous: { present: 1, absent: 1 } });
});

test('a ledger line that a crash cut short does not count', () => {
  const text = formatRecord(record(1)) + formatRecord(record(2)).slice(0, -5);
  expect(parseLedger(text)).toEqual([record(1)]);
});
