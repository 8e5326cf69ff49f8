/** A drill: what is broken on purpose, what is expected of it, and when it is stopped (step list H). */
import type { RuleResult } from '../citation.ts';

export const DRILL_KINDS = ['planned', 'kill-tree', 'kill-postmaster', 'immediate-stop', 'freeze', 'partition', 'disk-full'] as const;
export type DrillKind = (typeof DRILL_KINDS)[number];

/** How an injected fault is taken back; `heals`: the cluster does it by starting or rejoining the node. */
export const UNDONE_BY: Readonly<Record<DrillKind, 'nothing' | 'heals' | 'continue-signal' | 'link-up' | 'free-disk'>> = {
  planned: 'nothing', 'kill-tree': 'heals', 'kill-postmaster': 'heals', 'immediate-stop': 'heals', freeze: 'continue-signal', partition: 'link-up', 'disk-full': 'free-disk',
};

/** A full disk is no reason to change roles (HA13); every other kind is answered by a new primary. */
export const changesRoles = (kind: DrillKind): boolean => kind !== 'disk-full';

/** Whether a watcher has to answer it: a planned drill orders the switchover itself. */
export const isAnswered = (kind: DrillKind): boolean => changesRoles(kind) && kind !== 'planned';

/** What the owner says will happen; the drill passes when all of it does. */
export interface Hypothesis {
  /** RTO as the application feels it: the longest write gap of any writer. */
  readonly maxWriteGapMs: number;
  readonly maxReadGapMs: number;
  /** RPO in rows. */
  readonly maxLostWrites: number;
  readonly maxClientErrors: number | null;
  readonly redundantWithinMs: number;
}

/** Past any of these the drill is over and an emergency failover begins (H4). */
export interface AbortLimits {
  readonly writeGapMs: number;
  readonly clientErrors: number;
}

export interface DrillPlan {
  readonly kind: DrillKind;
  readonly hypothesis: Hypothesis;
  readonly abortLimits: AbortLimits;
  /** Shortest time without a fault before and after (H2, H5). */
  readonly baselineMs: number;
}

/** What is wrong with a plan; empty when it can be run. */
export function lintPlan({ hypothesis, abortLimits, baselineMs }: DrillPlan): readonly RuleResult[] {
  const wrong = (rule: string, broken: boolean, reason: string): readonly RuleResult[] => (broken ? [{ rule, by: ['H1'], reason }] : []);
  const numbers = [...Object.values(hypothesis), ...Object.values(abortLimits)].filter((value) => value !== null);
  return [
    ...wrong('limits-not-numbers', numbers.some((value) => !Number.isFinite(value) || value < 0), 'Each part of the hypothesis and each abort limit is a number from 0.'),
    ...wrong('abort-before-hypothesis', abortLimits.writeGapMs <= hypothesis.maxWriteGapMs, `The drill would be stopped at a gap of ${abortLimits.writeGapMs} ms, before the hypothesis of ${hypothesis.maxWriteGapMs} ms is tried.`),
    ...wrong('no-baseline', !(baselineMs > 0), 'Without a baseline nobody can say what the fault did.'),
  ];
}

/** The abort limit that has been passed, if any. */
export function passedLimit({ abortLimits }: DrillPlan, measured: { readonly writeGapMs: number; readonly clientErrors: number }): RuleResult | undefined {
  if (measured.writeGapMs > abortLimits.writeGapMs) return { rule: 'write-gap', by: ['H4'], reason: `No write for ${Math.round(measured.writeGapMs)} ms; the limit is ${abortLimits.writeGapMs}.` };
  if (measured.clientErrors > abortLimits.clientErrors) return { rule: 'client-errors', by: ['H4'], reason: `${measured.clientErrors} errors; the limit is ${abortLimits.clientErrors}.` };
  return undefined;
}
