/** The course of a drill in time, as the report draws it. All moments are milliseconds on the probe's clock. */
import type { WriteAttempt } from './ledger.ts';
import type { ProbeRecord } from './record.ts';

export const BUCKET_MS = 100;

export interface DrillSeries {
  readonly bucketMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Acknowledged writes, errors of writes and dials, and answered reads, by bucket. */
  readonly acked: readonly number[];
  readonly errors: readonly number[];
  readonly reads: readonly number[];
  /** The longest gap of each writer, from one acknowledged write to the next. */
  readonly gaps: readonly { readonly writer: string; readonly fromMs: number; readonly toMs: number }[];
}

export function seriesOf({ header, attempts, errors, reads, dials, span }: ProbeRecord): DrillSeries {
  const acked = attempts.filter((attempt): attempt is WriteAttempt & { settledMs: number } => attempt.outcome === 'acked' && attempt.settledMs !== null);
  const buckets = Math.max(1, Math.ceil((span.toMs - span.fromMs) / BUCKET_MS));
  const count = (moments: readonly number[]): number[] => {
    const counts = Array.from({ length: buckets }, () => 0);
    for (const ms of moments) {
      const bucket = Math.floor((ms - span.fromMs) / BUCKET_MS);
      if (bucket >= 0 && bucket < buckets) counts[bucket]! += 1;
    }
    return counts;
  };
  return {
    bucketMs: BUCKET_MS, fromMs: span.fromMs, toMs: span.toMs,
    acked: count(acked.map(({ settledMs }) => settledMs)),
    errors: count([...errors.map(({ ms }) => ms), ...dials.map(({ ms }) => ms)]),
    reads: count(reads.filter(({ error }) => error === null).map(({ settledMs }) => settledMs)),
    gaps: header.writers.map((writer) => ({ writer, ...longestOf(acked.filter((attempt) => attempt.writer === writer).map(({ settledMs }) => settledMs), span) })),
  };
}

function longestOf(moments: readonly number[], span: ProbeRecord['span']): { fromMs: number; toMs: number } {
  const points = [span.fromMs, ...moments.filter((ms) => ms > span.fromMs && ms < span.toMs).toSorted((left, right) => left - right), span.toMs];
  let longest = { fromMs: span.fromMs, toMs: span.fromMs };
  for (const [index, toMs] of points.entries()) {
    const fromMs = points[index - 1] ?? toMs;
    if (toMs - fromMs > longest.toMs - longest.fromMs) longest = { fromMs, toMs };
  }
  return longest;
}
