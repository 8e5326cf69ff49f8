import type { DrillSummary } from '../../../domain/cluster/drill/report.ts';
import type { ProbeReport } from '../../../domain/cluster/drill/probe-report.ts';

/** What the application saw of one change of roles. */
export interface RoleChangeSeen {
  readonly from: string;
  readonly to: string;
  /** Over the writers: the longest time of each between two acknowledged writes. */
  readonly writeGapMs: { readonly p50: number; readonly max: number };
  readonly clientErrors: number;
  readonly lostWrites: number;
  readonly ambiguousWrites: number;
}

export interface FailoverReport {
  readonly version: string;
  readonly writers: number;
  readonly rate: number;
  readonly switchover: RoleChangeSeen;
  readonly failover: RoleChangeSeen;
  /** The primary that was killed streams from its successor again, and nobody had to do anything for it. */
  readonly rejoined: boolean;
  readonly rejoinedAfterMs: number | null;
  /** The most nodes that took writes on one timeline, over everything. */
  readonly writableNodesMax: number;
  readonly drill: DrillSummary;
  /** Where the page of the drill was left; null: it went with the demo. */
  readonly page: string | null;
}

export const seen = ({ writes, clientErrors, ledger }: ProbeReport, roles: { readonly from: string; readonly to: string }): RoleChangeSeen => ({
  ...roles, writeGapMs: { p50: Math.round(writes.p50), max: Math.round(writes.max) }, clientErrors, lostWrites: ledger.lost.length, ambiguousWrites: ledger.ambiguous,
});

/** Asynchronous replication may lose the last writes of a primary that is killed; it may neither lose them in a planned switchover nor have two primaries. */
export const isGoodFailover = ({ switchover, rejoined, writableNodesMax }: FailoverReport): boolean => switchover.lostWrites === 0 && rejoined && writableNodesMax === 1;

export function failoverText({ version, writers, rate, switchover, failover, rejoined, rejoinedAfterMs, writableNodesMax, drill, page }: FailoverReport): string {
  const line = (name: string, change: RoleChangeSeen): string =>
    `  ${name}  ${change.from} → ${change.to}: longest time without a write ${change.writeGapMs.max} ms (median writer ${change.writeGapMs.p50} ms), ${change.clientErrors} errors, ${change.lostWrites} lost, ${change.ambiguousWrites} ambiguous`;
  return [
    `Three nodes of PostgreSQL ${version}, ${writers} writers, ${rate} writes a second:`,
    line('planned switchover', switchover),
    line('primary killed    ', failover),
    `  old primary         ${rejoined ? `streams again after ${rejoinedAfterMs} ms, by itself` : 'has NOT come back'}`,
    `  writable nodes      ${writableNodesMax} at most on any timeline`,
    `  drill               ${drill.drill}: ${drill.verdict}${page === null ? '' : `; its page is ${page}`}`,
  ].join('\n');
}
