/** What a probe saw, in numbers (H5, H6). */
import { measureGaps, percentile, type Gaps } from './gaps.ts';
import { judgeLedger, type FoundRow, type WriteLedger } from './ledger.ts';
import type { ProbeRecord } from './record.ts';
import { judgeWritable, type WritableVerdict } from './writable.ts';

export interface ProbeReport {
  readonly run: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly writers: number;
  readonly readers: number;
  readonly ledger: WriteLedger;
  readonly writes: Gaps;
  readonly reads: Gaps;
  readonly writable: WritableVerdict;
  /** Writes that were not acknowledged, whatever became of them. */
  readonly clientErrors: number;
  /** Dials that failed before a write could be sent. */
  readonly failedDials: number;
  /** How often each code came, of writes, reads and dials. */
  readonly codes: Readonly<Record<string, number>>;
  /** Of acknowledged writes. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** Who served which timeline, in the order of their first acknowledged write. */
  readonly served: readonly { readonly node: string; readonly timeline: number; readonly acked: number; readonly fromMs: number; readonly toMs: number }[];
}

export function reportProbe(record: ProbeRecord, found: readonly FoundRow[]): ProbeReport {
  const { header, attempts, reads, dials, errors, span } = record;
  const acked = attempts.flatMap(({ writer, sentMs, settledMs, outcome }) => (outcome === 'acked' && settledMs !== null ? [{ who: writer, ms: settledMs, tookMs: settledMs - sentMs }] : []));
  const within = acked.filter(({ ms }) => ms >= span.fromMs && ms <= span.toMs);
  const answered = reads.flatMap(({ reader, settledMs, error }) => (error === null && settledMs >= span.fromMs && settledMs <= span.toMs ? [{ who: reader, ms: settledMs }] : []));
  const latencies = acked.map(({ tookMs }) => tookMs).toSorted((left, right) => left - right);
  return {
    run: header.run, startedAt: header.startedAt, seconds: round((span.toMs - span.fromMs) / 1000), writers: header.writers.length, readers: header.readers.length,
    ledger: judgeLedger(attempts, found),
    writes: measureGaps(header.writers, within, span),
    reads: measureGaps(header.readers, answered, span),
    writable: judgeWritable(attempts),
    clientErrors: attempts.filter(({ outcome }) => outcome !== 'acked').length,
    failedDials: dials.length,
    codes: countCodes([...errors, ...dials, ...reads.flatMap(({ error }) => (error === null ? [] : [{ code: error }]))]),
    latencyMs: { p50: percentile(latencies, 50), p95: percentile(latencies, 95), max: percentile(latencies, 100) },
    served: servedBy(record),
  };
}

function servedBy({ attempts }: ProbeRecord): ProbeReport['served'] {
  const acked = attempts.flatMap(({ servedBy: by, settledMs, outcome }) => (by !== null && settledMs !== null && outcome === 'acked' ? [{ ...by, ms: settledMs }] : []));
  return [...Map.groupBy(acked, ({ node, timeline }) => `${node} ${timeline}`).values()]
    .map((all) => ({ node: all[0]!.node, timeline: all[0]!.timeline, acked: all.length, fromMs: all.reduce((least, { ms }) => Math.min(least, ms), Infinity), toMs: all.reduce((most, { ms }) => Math.max(most, ms), 0) }))
    .toSorted((left, right) => left.fromMs - right.fromMs);
}

function countCodes(all: readonly { readonly code: string }[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(all, ({ code }) => code)].map(([code, ones]) => [code, ones.length]));
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
