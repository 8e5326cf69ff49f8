import type { ProbeReport } from '../../../domain/cluster/drill/probe-report.ts';
import { percentile } from '../statistics.ts';

/** One change of roles, as the application saw it. */
export interface RoleChangeRun {
  /** Over the writers: the longest time of each between two acknowledged writes. */
  readonly writeGapMs: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly clientErrors: number;
  readonly lostWrites: number;
  readonly ambiguousWrites: number;
  readonly writableNodesMax: number;
  /** From the order, or the fault, until every standby streams from the new primary; null: never within two minutes. */
  readonly redundantAfterMs: number | null;
  /** From the fault to the beginning of the failover, and from there to the first acknowledged write; of a switchover null. */
  readonly detectMs: number | null;
  readonly restoreMs: number | null;
}

export interface RoleChangeReport {
  /** Whose, and by what: `pgconvoy kill-tree`. */
  readonly contender: string;
  readonly kind: string;
  readonly synchronous: boolean;
  /** Over the runs, of the worst writer of each. */
  readonly writeGapMs: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly clientErrors: number;
  readonly lostWrites: number;
  readonly ambiguousWrites: number;
  readonly writableNodesMax: number;
  readonly redundantAfterMs: { readonly p50: number; readonly max: number } | null;
  readonly runs: readonly RoleChangeRun[];
}

const round = (value: number): number => Math.round(value);

export const runOf = (probe: ProbeReport, rest: Pick<RoleChangeRun, 'redundantAfterMs' | 'detectMs' | 'restoreMs'>): RoleChangeRun => ({
  writeGapMs: { p50: round(probe.writes.p50), p95: round(probe.writes.p95), max: round(probe.writes.max) },
  clientErrors: probe.clientErrors, lostWrites: probe.ledger.lost.length, ambiguousWrites: probe.ledger.ambiguous, writableNodesMax: probe.writable.writableNodesMax, ...rest,
});

export function reportOf(head: Pick<RoleChangeReport, 'contender' | 'kind' | 'synchronous'>, runs: readonly RoleChangeRun[]): RoleChangeReport {
  const worst = runs.map(({ writeGapMs }) => writeGapMs.max);
  const back = runs.flatMap(({ redundantAfterMs }) => (redundantAfterMs === null ? [] : [redundantAfterMs]));
  const sum = (pick: (run: RoleChangeRun) => number): number => runs.reduce((total, run) => total + pick(run), 0);
  return {
    ...head, runs,
    writeGapMs: { p50: round(percentile(worst, 0.5)), p95: round(percentile(worst, 0.95)), max: Math.max(0, ...worst) },
    clientErrors: sum(({ clientErrors }) => clientErrors), lostWrites: sum(({ lostWrites }) => lostWrites), ambiguousWrites: sum(({ ambiguousWrites }) => ambiguousWrites),
    writableNodesMax: Math.max(0, ...runs.map(({ writableNodesMax }) => writableNodesMax)),
    redundantAfterMs: back.length < runs.length || runs.length === 0 ? null : { p50: round(percentile(back, 0.5)), max: round(Math.max(...back)) },
  };
}
