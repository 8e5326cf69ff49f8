/**
 * What an application saw of a failover, from the probe's own record (H2, H5). The probe is outside, keeps every attempt on its disk before it goes on, and
 * times everything on one monotonic clock. A write is acknowledged only when COMMIT came back without a word: a cancelled wait for a standby also
 * succeeds, with a warning, and its row may exist nowhere else (HA30).
 */
export const WRITE_OUTCOMES = ['acked', 'warned', 'broken', 'refused', 'pending'] as const;
export type WriteOutcome = (typeof WRITE_OUTCOMES)[number];

/** One attempt of one writer. `broken`: sent, and the answer never came; `refused`: never sent, or answered by an error. */
export interface WriteAttempt {
  readonly writer: string;
  /** Unique within the writer; a row carries both. */
  readonly seq: number;
  readonly sentMs: number;
  /** Null while pending. */
  readonly settledMs: number | null;
  readonly outcome: WriteOutcome;
  /** Node and timeline that the server named in its answer; null without one. */
  readonly servedBy: { readonly node: string; readonly timeline: number } | null;
}

/** A row that is there afterwards, read on the new primary only (HA57). */
export interface FoundRow {
  readonly writer: string;
  readonly seq: number;
  readonly count: number;
}

/** Names one write, for the report. */
export interface WriteId {
  readonly writer: string;
  readonly seq: number;
}

export interface WriteLedger {
  readonly sent: number;
  readonly acked: number;
  /** Neither acknowledged nor refused: `warned`, `broken` and `pending`. */
  readonly ambiguous: number;
  readonly refused: number;
  /** Acknowledged and gone: named, every one. */
  readonly lost: readonly WriteId[];
  /** Not acknowledged and there all the same. */
  readonly ambiguousCommitted: number;
  readonly duplicates: readonly WriteId[];
  /** Rows that nobody sent: then the record is not to be trusted. */
  readonly strangers: readonly WriteId[];
  /** The counts sum to what was sent, each write has one outcome and there are no strangers. */
  readonly addsUp: boolean;
}

const idOf = ({ writer, seq }: WriteId): string => `${writer}\n${seq}`;

export function judgeLedger(attempts: readonly WriteAttempt[], found: readonly FoundRow[]): WriteLedger {
  const rows = new Map<string, number>();
  for (const row of found) rows.set(idOf(row), (rows.get(idOf(row)) ?? 0) + row.count);
  const is = (...outcomes: readonly WriteOutcome[]): readonly WriteAttempt[] => attempts.filter(({ outcome }) => outcomes.includes(outcome));
  const present = (write: WriteId): boolean => (rows.get(idOf(write)) ?? 0) > 0;
  const acked = is('acked');
  const ambiguous = is('warned', 'broken', 'pending');
  const refused = is('refused');
  const known = new Set(attempts.map(idOf));
  const strangers = found.filter((row) => row.count > 0 && !known.has(idOf(row))).map(name);
  return {
    sent: attempts.length, acked: acked.length, ambiguous: ambiguous.length, refused: refused.length,
    lost: acked.filter((write) => !present(write)).map(name),
    ambiguousCommitted: [...ambiguous, ...refused].filter(present).length,
    duplicates: attempts.filter((write) => (rows.get(idOf(write)) ?? 0) > 1).map(name),
    strangers, addsUp: strangers.length === 0 && known.size === attempts.length && acked.length + ambiguous.length + refused.length === attempts.length,
  };
}

const name = ({ writer, seq }: WriteId): WriteId => ({ writer, seq });
