/** What a drill proved (H5, H6): each part of the hypothesis beside what was measured, from the probe's record alone. */
import type { Citation } from '../citation.ts';
import type { Gaps } from './gaps.ts';
import type { WriteLedger } from './ledger.ts';
import { changesRoles, type DrillPlan } from './plan.ts';
import type { WritableVerdict } from './writable.ts';

export interface DrillMeasure {
  readonly ledger: WriteLedger;
  readonly writes: Gaps;
  readonly reads: Gaps;
  readonly writable: WritableVerdict;
  readonly clientErrors: number;
  /** Errors before the fault: with any, nobody can say what the fault did (H2). */
  readonly baselineErrors: number;
  /** Whether there is proof that the fault was there (H3). */
  readonly injected: boolean;
  readonly timelineChanged: boolean;
  /** From the fault to a streaming standby; null: not yet. */
  readonly redundantAfterMs: number | null;
  /** The abort limit that ended it; null: none. */
  readonly abortedBy: string | null;
}

export const DRILL_VERDICTS = ['passed', 'failed', 'aborted', 'inconclusive'] as const;

export interface DrillPart {
  readonly part: string;
  readonly by: readonly Citation[];
  readonly passed: boolean;
  readonly expected: string;
  readonly measured: string;
}

export interface DrillVerdict {
  readonly verdict: (typeof DRILL_VERDICTS)[number];
  readonly parts: readonly DrillPart[];
  /** Why nothing is proven; empty unless inconclusive. */
  readonly doubts: readonly string[];
}

export function judgeDrill(plan: DrillPlan, measure: DrillMeasure): DrillVerdict {
  const parts = judgeParts(plan, measure);
  const doubts = doubtsAbout(measure);
  // What breaks safety is known whatever else is in doubt.
  if (parts.some(({ part, passed }) => !passed && SAFETY.includes(part))) return { verdict: 'failed', parts, doubts };
  if (doubts.length > 0) return { verdict: 'inconclusive', parts, doubts };
  if (measure.abortedBy !== null) return { verdict: 'aborted', parts, doubts };
  return { verdict: parts.every(({ passed }) => passed) ? 'passed' : 'failed', parts, doubts };
}

const SAFETY: readonly string[] = ['lost-writes', 'duplicates', 'one-writable-node'];

function judgeParts({ kind, hypothesis }: DrillPlan, { ledger, writes, reads, writable, clientErrors, timelineChanged, redundantAfterMs }: DrillMeasure): readonly DrillPart[] {
  const part = (name: string, by: readonly Citation[], passed: boolean, expected: string, measured: string): DrillPart => ({ part: name, by, passed, expected, measured });
  const ms = (value: number): string => `${Math.round(value)} ms`;
  return [
    part('lost-writes', ['H5', 'R2'], ledger.lost.length <= hypothesis.maxLostWrites, `at most ${hypothesis.maxLostWrites}`, String(ledger.lost.length)),
    part('duplicates', ['H5'], ledger.duplicates.length === 0, 'none', String(ledger.duplicates.length)),
    part('one-writable-node', ['HA1'], writable.exactlyOne, '1', String(writable.writableNodesMax)),
    part('write-gap', ['H6', 'R29', 'R35'], writes.max <= hypothesis.maxWriteGapMs, `at most ${ms(hypothesis.maxWriteGapMs)}`, ms(writes.max)),
    part('read-gap', ['H6'], reads.max <= hypothesis.maxReadGapMs, `at most ${ms(hypothesis.maxReadGapMs)}`, ms(reads.max)),
    ...(hypothesis.maxClientErrors === null ? [] : [part('client-errors', ['H6'], clientErrors <= hypothesis.maxClientErrors, `at most ${hypothesis.maxClientErrors}`, String(clientErrors))]),
    part('roles', ['H4', 'HA13'], timelineChanged === changesRoles(kind), changesRoles(kind) ? 'a new primary' : 'the same primary', timelineChanged ? 'a new primary' : 'the same primary'),
    part('redundancy', ['H6', 'R30'], redundantAfterMs !== null && redundantAfterMs <= hypothesis.redundantWithinMs, `within ${ms(hypothesis.redundantWithinMs)}`, redundantAfterMs === null ? 'not back' : ms(redundantAfterMs)),
  ];
}

function doubtsAbout({ ledger, baselineErrors, injected, writes }: DrillMeasure): readonly string[] {
  return [
    baselineErrors > 0 && `${baselineErrors} errors came before the fault.`,
    !injected && 'There is no proof that the fault was there.',
    !ledger.addsUp && `The probe's record does not add up: ${ledger.strangers.length} rows that nobody sent.`,
    (ledger.acked === 0 || Object.keys(writes.longestMs).length === 0) && 'Nothing was written.',
  ].filter((doubt) => doubt !== false);
}
