import type { RunPhase } from '../run/machine.ts';
import type { DrillPhase } from './report.ts';

/** A run on the cluster and its journal, with moments on the probe's clock. */
export interface TimedRun {
  readonly source: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly steps: readonly { readonly step: string; readonly phase: RunPhase; readonly ms: number }[];
}

/** Each run as one bar, and each of its steps that took time as one; what the journal wrote down in one moment is no bar of its own. */
export function phasesOf(runs: readonly TimedRun[]): readonly DrillPhase[] {
  return runs
    .flatMap(({ source, startedMs, endedMs, steps }): DrillPhase[] => {
      const whole: DrillPhase[] = source === 'drill' ? [] : [{ source, step: source, fromMs: startedMs, toMs: endedMs }];
      return [...whole, ...steps.flatMap(({ step, phase, ms }, index): DrillPhase[] => {
        if (phase !== 'done') return [];
        const begun = steps.slice(0, index).findLast((earlier) => earlier.step === step && earlier.phase === 'intent');
        return begun === undefined && source !== 'drill' ? [] : [{ source: step === 'inject' ? 'fault' : source, step, fromMs: begun?.ms ?? ms, toMs: begun === undefined || ms - begun.ms < 1 ? null : ms }];
      })];
    })
    .toSorted((left, right) => left.fromMs - right.fromMs);
}
