import { describe, expect, it } from 'vitest';

import { drillPage } from '../../../../domain/cluster/drill/page.ts';
import { summaryOf } from '../../../../domain/cluster/drill/report.ts';
import { seriesOf } from '../../../../domain/cluster/drill/series.ts';
import { buildReport, recordOf } from './report-builder.ts';

describe('the report of a drill', () => {
  it('says what was expected and what was measured', () => {
    const report = buildReport();
    expect(report.verdict).toMatchObject({ verdict: 'passed', doubts: [] });
    expect(summaryOf(report)).toMatchObject({ kind: 'kill-tree', verdict: 'passed', lostWrites: 0, redundantAfterMs: 2600 });
    expect(summaryOf(report).writeGapMs).toBeGreaterThanOrEqual(480);
  });

  it('draws the course: steps, acknowledged writes, and the silence of every writer', () => {
    const page = drillPage(buildReport());
    for (const words of ['passed', 'promote 160 ms', 'failover', 'w8', 'Killed 14 processes', 'class="gap"', 'class="acked"', 'class="errors"']) expect(page).toContain(words);
    expect(page).toContain('ada &lt;ada@example.org&gt;');
    expect(page).not.toContain('<ada@');
    // Nothing is fetched from anywhere, and nothing runs.
    expect(page).not.toMatch(/<script|src=|https?:\/\/|@import|url\(/);
  });

  it('names every lost write', () => {
    const report = buildReport();
    const lost = [{ writer: 'w3', seq: 7 }];
    expect(drillPage({ ...report, probe: { ...report.probe, ledger: { ...report.probe.ledger, lost } } })).toContain('w3#7');
  });

  it('counts in buckets, and finds the longest gap of each writer', () => {
    const series = seriesOf(recordOf({ seconds: 2, fromMs: 500, toMs: 1000 }));
    expect(series.acked).toHaveLength(20);
    expect(series.acked.slice(6, 9)).toEqual([0, 0, 0]);
    expect(series.acked[2]).toBe(40);
    expect(series.errors[5]).toBeGreaterThan(0);
    expect(series.gaps.map(({ writer }) => writer)).toEqual(['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8']);
    for (const { fromMs, toMs } of series.gaps) expect(toMs - fromMs).toBeGreaterThan(480);
  });
});
