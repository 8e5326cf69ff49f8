import { requestOf, type WriteRecord } from './write-record.ts';

/** What the database holds of one transaction. */
export interface RequestRow {
  /** See {@link requestOf}. */
  readonly request: string;
  /** Rows in `write_ledger`. */
  readonly entries: number;
  readonly rentals: number;
  readonly payments: number;
}

/** Each list names transactions, by their request. */
export interface Verdict {
  readonly acked: number;
  /** Acknowledged, and not in the database. */
  readonly lost: readonly string[];
  /** In the database more than once, by any of its traces. */
  readonly duplicated: readonly string[];
  /** In the database in part. */
  readonly torn: readonly string[];
  /** In the database, though the application was told that it failed, or never sent it. */
  readonly unexplained: readonly string[];
  /** The connection broke during COMMIT; both are right. */
  readonly ambiguous: { readonly present: number; readonly absent: number };
}

/** Compares what the application remembers with what the database holds. Pure. */
export function judge(records: readonly WriteRecord[], rows: readonly RequestRow[]): Verdict {
  const outcomes = new Map(records.map((record) => [requestOf(record), record.outcome]));
  const held = new Set(rows.map((row) => row.request));
  const having = (outcome: WriteRecord['outcome']): string[] => [...outcomes].filter(([, own]) => own === outcome).map(([request]) => request);
  const named = (rule: (row: RequestRow) => boolean): string[] => rows.filter(rule).map((row) => row.request);
  const acked = having('acked');
  const ambiguous = having('ambiguous');
  const present = ambiguous.filter((request) => held.has(request)).length;
  return {
    acked: acked.length,
    lost: acked.filter((request) => !held.has(request)),
    duplicated: named((row) => Math.max(row.entries, row.rentals, row.payments) > 1),
    torn: named((row) => Math.min(row.entries, row.rentals, row.payments) === 0),
    unexplained: named((row) => (outcomes.get(row.request) ?? 'failed') === 'failed'),
    ambiguous: { present, absent: ambiguous.length - present },
  };
}
