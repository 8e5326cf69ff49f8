import { cutoverGaps, distributionOf, longestGaps, type Distribution } from './pauses.ts';
import type { WriteRecord } from './write-record.ts';

/** What the writers tell about themselves at the end. */
export interface WritersSummary {
  readonly writers: number;
  readonly acked: number;
  /** Transactions that ended in an error, the ambiguous ones among them. */
  readonly failed: number;
  readonly ambiguous: number;
  readonly failuresBySqlstate: Readonly<Record<string, number>>;
  /** Attempts to connect that were refused; no transaction had begun. */
  readonly connectFailuresBySqlstate: Readonly<Record<string, number>>;
  /** Over the writers: the longest time without an acknowledged commit, ever and around the cutover. */
  readonly longestGapMs: Distribution;
  readonly cutoverGapMs: Distribution;
}

export interface WritersLife {
  readonly writers: number;
  readonly records: readonly WriteRecord[];
  readonly connectFailures: readonly string[];
  /** When they were told to stop, on the clock of the records. */
  readonly endMs: number;
}

export function summarise({ writers, records, connectFailures, endMs }: WritersLife): WritersSummary {
  const failures = records.filter((record) => record.outcome !== 'acked');
  return {
    writers,
    acked: records.length - failures.length,
    failed: failures.length,
    ambiguous: failures.filter((record) => record.outcome === 'ambiguous').length,
    failuresBySqlstate: countsOf(failures.map((record) => record.sqlstate ?? 'unknown')),
    connectFailuresBySqlstate: countsOf(connectFailures),
    longestGapMs: distributionOf(longestGaps(records, endMs)),
    cutoverGapMs: distributionOf(cutoverGaps(records, endMs)),
  };
}

const countsOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length]));
