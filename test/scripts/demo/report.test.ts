import { expect, test } from 'vitest';

import type { MigrationProgress } from '../../../domain/migration/progress.ts';
import { buildReport, isGood, type DemoFacts } from '../../../scripts/demo/demo-report.ts';
import { reportText } from '../../../scripts/demo/report-text.ts';

const PROGRESS: MigrationProgress = {
  runId: 'a1',
  migration: 'shop',
  state: 'completed',
  phases: [
    { phase: 'copy', state: 'done', startedAt: 1_000, endedAt: 3_500 },
    { phase: 'approval', state: 'skipped' },
  ],
  copy: { tables: 3, bytesTotal: 2048, bytesDone: 2048, rows: 1_234, tasksTotal: 1, tasksDone: 1, running: [], generation: 1 },
  lag: { bytes: 0, bytesMax: 4_096, seconds: 0 },
};

const FACTS: DemoFacts = {
  progress: PROGRESS,
  memory: {
    records: [],
    summary: {
      writers: 2, acked: 50, failed: 2, ambiguous: 1, failuresBySqlstate: { '57P01': 2 }, connectFailuresBySqlstate: {},
      longestGapMs: { p50: 900, p95: 950, max: 950 }, cutoverGapMs: { p50: 210.4, p95: 220.2, max: 220.2 },
    },
  },
  verdict: { acked: 50, lost: [], duplicated: [], torn: [], unexplained: [], ambiguous: { present: 0, absent: 1 } },
  comparison: { rows: 1_200, differences: [] },
  versions: { source: '11.22', target: '18.4' },
  bytes: 2 ** 20,
  temporalUi: 'http://127.0.0.1:8233',
};

test('the report has what was promised of it', () => {
  const report = buildReport(FACTS);
  expect(report).toMatchObject({
    equal: true, lostWrites: 0, duplicatedWrites: 0, failedTransactions: 2, writePauseMs: { p50: 210, p95: 220, max: 220 }, lagBytesMax: 4_096, rows: 1_234, bytes: 2 ** 20,
    phases: [{ name: 'copy', seconds: 2.5 }], source: '11.22', target: '18.4',
  });
  expect(isGood(report)).toBe(true);
});

test.each<[string, Partial<DemoFacts>]>([
  ['a lost write', { verdict: { ...FACTS.verdict, lost: ['1/7'] } }],
  ['a doubled write', { verdict: { ...FACTS.verdict, duplicated: ['1/7'] } }],
  ['a torn write', { verdict: { ...FACTS.verdict, torn: ['1/7'] } }],
  ['an unexplained write', { verdict: { ...FACTS.verdict, unexplained: ['1/7'] } }],
  ['a difference', { comparison: { rows: 1, differences: ['shop.films: the rows differ'] } }],
])('%s spoils the demo', (_, spoilt) => {
  expect(isGood(buildReport({ ...FACTS, ...spoilt }))).toBe(false);
});

test('a person reads the same facts', () => {
  const text = reportText(buildReport({ ...FACTS, comparison: { rows: 1, differences: ['shop.films: the rows differ'] } }));
  expect(text).toMatchInlineSnapshot(`
    "migrated             PostgreSQL 11.22 → 18.4, 1,234 rows, 1.0 MB
      copy                   2.5 s
    highest lag          4.0 kB
    write pause          p50 210 ms, p95 220 ms, longest 220 ms (the longest time a writer saw no commit acknowledged)
    acknowledged writes  50, of them lost 0, doubled 0
    failed transactions  2 (57P01 × 2); the application tried again
    both sides           different (1)
                         shop.films: the rows differ"
  `);
});
