import { phasesOf } from '../../../../domain/cluster/drill/phases.ts';
import { reportProbe } from '../../../../domain/cluster/drill/probe-report.ts';
import { parseRecord, type RecordLine } from '../../../../domain/cluster/drill/record.ts';
import type { DrillReport } from '../../../../domain/cluster/drill/report.ts';
import { seriesOf } from '../../../../domain/cluster/drill/series.ts';
import { judgeDrill } from '../../../../domain/cluster/drill/verdict.ts';

const WRITERS = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8'];

/** A record of 8 writers for `seconds`, with nothing acknowledged from `fromMs` to `toMs`, and another node after that. */
export function recordOf({ seconds, fromMs, toMs }: { seconds: number; fromMs: number; toMs: number }) {
  const lines: RecordLine[] = [['H', { version: 1, run: 'r', startedAt: '2026-11-30T02:00:00.000Z', hosts: ['n1:5432'], writers: WRITERS, readers: ['r1'], rate: 400 }], ['G', 0]];
  const seqs = new Map<string, number>();
  for (let ms = 1; ms < seconds * 1000; ms += 20) {
    for (const [index, writer] of WRITERS.entries()) {
      const at = ms + index * 2;
      const silent = at >= fromMs && at < toMs;
      const seq = (seqs.get(writer) ?? 0) + 1;
      if (silent && at - fromMs > 40) continue;
      seqs.set(writer, seq);
      lines.push(['S', writer, seq, at]);
      lines.push(silent ? ['B', writer, seq, at + 1, 'ECONNRESET'] : ['A', writer, seq, at + 1, at < fromMs ? 'n1:5432' : 'n2:5432', at < fromMs ? 1 : 2]);
    }
    lines.push(['r', 'r1', ms, ms + 1, ms >= fromMs && ms < toMs ? 'ECONNREFUSED' : null]);
  }
  lines.push(['E', seconds * 1000]);
  return parseRecord(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** A drill that killed n1 after three seconds. */
export function buildReport(change: Partial<DrillReport> = {}): DrillReport {
  const record = recordOf({ seconds: 8, fromMs: 3000, toMs: 3480 });
  const found = record.attempts.filter(({ outcome }) => outcome === 'acked').map(({ writer, seq }) => ({ writer, seq, count: 1 }));
  const probe = reportProbe(record, found);
  const plan = { kind: 'kill-tree', hypothesis: { maxWriteGapMs: 700, maxReadGapMs: 2000, maxLostWrites: 0, maxClientErrors: null, redundantWithinMs: 10_000 }, abortLimits: { writeGapMs: 30_000, clientErrors: 10_000 }, baselineMs: 3000 } as const;
  const measure = { baselineErrors: 0, injected: true, timelineChanged: true, redundantAfterMs: 2600, abortedBy: null };
  return {
    version: 1, drill: 'd0d0d0d0d0', cluster: 'shop', name: 'monthly', plan, consentBy: 'ada <ada@example.org>', startedAt: '2026-11-30T02:00:00.000Z', from: 'n1', to: 'n2',
    gates: [{ rule: 'consent', by: ['H1'], open: true, reason: 'ada consented.' }],
    verdict: judgeDrill(plan, { ...measure, ledger: probe.ledger, writes: probe.writes, reads: probe.reads, writable: probe.writable, clientErrors: probe.clientErrors }),
    measure, probe, series: seriesOf(record),
    phases: phasesOf([
      { source: 'drill', startedMs: 0, endedMs: null, steps: [{ step: 'inject', phase: 'intent', ms: 2990 }, { step: 'inject', phase: 'done', ms: 3002 }, { step: 'redundant', phase: 'done', ms: 5602 }] },
      { source: 'failover', startedMs: 3120, endedMs: 5500, steps: [{ step: 'fence', phase: 'intent', ms: 3130 }, { step: 'fence', phase: 'done', ms: 3240 }, { step: 'promote', phase: 'intent', ms: 3260 }, { step: 'promote', phase: 'done', ms: 3420 }] },
    ]),
    injection: ['Killed 14 processes; 0 were left.'], notes: [], ...change,
  };
}
