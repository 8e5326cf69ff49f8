import type { WriteRecord } from './write-record.ts';

/** Milliseconds, by the nearest rank. */
export interface Distribution {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Time in which one writer saw no commit acknowledged. */
interface Gap {
  readonly writer: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** The commit at its end ran on another server than the one at its beginning. */
  readonly crossesServers: boolean;
}

/** A stall right before or after the switch is the cutover's doing too. */
const CUTOVER_MARGIN_MS = 1_000;

/**
 * The longest gap of every writer over its whole life, in milliseconds. `endMs`: when the writers were told to stop; a
 * writer that never came back has its gap until then.
 */
export const longestGaps = (records: readonly WriteRecord[], endMs: number): number[] => longestPerWriter(gapsOf(records, endMs));

/**
 * The write pause: the longest gap of every writer around the cutover. When that was, the writers tell: between the
 * last commit on the old server and the first on the new one. Without a change of server, the longest gaps of all.
 */
export function cutoverGaps(records: readonly WriteRecord[], endMs: number): number[] {
  const gaps = gapsOf(records, endMs);
  const crossing = gaps.filter((gap) => gap.crossesServers);
  if (crossing.length === 0) return longestPerWriter(gaps);
  const begin = Math.min(...crossing.map((gap) => gap.fromMs)) - CUTOVER_MARGIN_MS;
  const end = Math.max(...crossing.map((gap) => gap.toMs)) + CUTOVER_MARGIN_MS;
  return longestPerWriter(gaps.filter((gap) => gap.toMs > begin && gap.fromMs < end));
}

export function distributionOf(values: readonly number[]): Distribution {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: rank(0.5), p95: rank(0.95), max: rank(1) };
}

function gapsOf(records: readonly WriteRecord[], endMs: number): Gap[] {
  const acked = records.filter((record) => record.outcome === 'acked').toSorted((a, b) => a.atMs - b.atMs);
  return [...Map.groupBy(acked, (record) => record.writer)].flatMap(([writer, own]) =>
    own.map((record, index) => {
      const next = own[index + 1];
      return { writer, fromMs: record.atMs, toMs: next?.atMs ?? endMs, crossesServers: next !== undefined && next.server !== record.server };
    }),
  );
}

const longestPerWriter = (gaps: readonly Gap[]): number[] =>
  [...Map.groupBy(gaps, (gap) => gap.writer).values()].map((own) => own.reduce((longest, gap) => Math.max(longest, gap.toMs - gap.fromMs), 0));
