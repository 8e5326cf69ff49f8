/** What is kept of a drill, for ever and unchanged (H6). */
import type { Gate } from '../failover/gates.ts';
import type { DrillPlan } from './plan.ts';
import type { ProbeReport } from './probe-report.ts';
import type { DrillSeries } from './series.ts';
import type { DrillMeasure, DrillVerdict } from './verdict.ts';

/** A moment on the probe's clock; steps of other runs came by the catalog's, and may be some milliseconds off. */
export interface DrillPhase {
  /** `drill`, or the run that answered: `switchover`, `failover`, `rejoin`. */
  readonly source: string;
  readonly step: string;
  readonly fromMs: number;
  /** Null: a moment. */
  readonly toMs: number | null;
}

export interface DrillReport {
  readonly version: 1;
  readonly drill: string;
  readonly cluster: string;
  /** Of the inventory; null: held by hand. */
  readonly name: string | null;
  readonly plan: DrillPlan;
  readonly consentBy: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The primary before and after. */
  readonly from: string;
  readonly to: string | null;
  readonly gates: readonly Gate[];
  readonly verdict: DrillVerdict;
  readonly measure: Pick<DrillMeasure, 'baselineErrors' | 'injected' | 'timelineChanged' | 'redundantAfterMs' | 'abortedBy'>;
  readonly probe: ProbeReport;
  readonly series: DrillSeries;
  readonly phases: readonly DrillPhase[];
  /** How the fault was proven to be there, and how it was taken back. */
  readonly injection: readonly string[];
  readonly notes: readonly string[];
}

/** A line of the list of drills. */
export interface DrillSummary {
  readonly drill: string;
  readonly startedAt: string;
  readonly cluster: string;
  readonly kind: string;
  readonly verdict: string;
  readonly writeGapMs: number;
  readonly lostWrites: number;
  readonly clientErrors: number;
  readonly redundantAfterMs: number | null;
}

export const summaryOf = ({ drill, startedAt, cluster, plan, verdict, probe, measure }: DrillReport): DrillSummary => ({
  drill, startedAt, cluster, kind: plan.kind, verdict: verdict.verdict, writeGapMs: Math.round(probe.writes.max), lostWrites: probe.ledger.lost.length, clientErrors: probe.clientErrors, redundantAfterMs: measure.redundantAfterMs,
});
