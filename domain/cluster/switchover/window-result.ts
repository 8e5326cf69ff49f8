/** How a write-blocked window ended, and what that is in the journal of the run. */
import type { ErrorReport } from '../../errors.ts';
import type { Lsn } from '../../lsn.ts';
import { ESCALATION, type RunEvent } from '../run/machine.ts';
import { SWITCHOVER_STEPS } from '../run/steps.ts';

/** The steps of a run that the window takes, in order. */
export const WINDOW_STEPS = ['drain', 'stop-primary', 'tombstone', 'confirm-received', 'claim-epoch', 'promote', 'prove-writable', 'switch-route'] as const;
export type WindowStep = (typeof WINDOW_STEPS)[number];

/** Milliseconds from the moment writes were held back until each step had ended, on the agent's monotonic clock. */
export type WindowTimes = Readonly<Partial<Record<WindowStep, number>>>;

export type WindowResult =
  | {
      readonly outcome: 'switched';
      /** Where the old primary's log ends, and the new timeline begins at the earliest. Null when another process had to finish it. */
      readonly endLsn: Lsn | null;
      readonly timeline: number;
      readonly times: WindowTimes;
      /** Milliseconds for which writes were held back; null when the process that knew was killed. */
      readonly blockedMs: number | null;
      /** Who did it: the agent in one go, or whoever finished what it had begun. */
      readonly finishedBy: 'window' | 'recovery';
    }
  /** The old primary serves again. */
  | { readonly outcome: 'given-back'; readonly failedAt: WindowStep; readonly reason: ErrorReport; readonly times: WindowTimes }
  /** A later operation decides who is primary; the old one stays down until it is led back. */
  | { readonly outcome: 'stayed-down'; readonly failedAt: WindowStep; readonly reason: ErrorReport; readonly times: WindowTimes };

/** What the journal of the run has to say of a window: what was done, what failed, and what the agent has taken back by itself. */
export function eventsOfWindow(result: WindowResult): readonly RunEvent[] {
  if (result.outcome === 'switched') return WINDOW_STEPS.map((step) => ({ step, phase: 'done' }));
  const failed = WINDOW_STEPS.indexOf(result.failedAt);
  const begun = WINDOW_STEPS.slice(0, failed + 1);
  const done = begun.map((step, index): RunEvent => ({ step, phase: index === failed ? 'failed' : 'done' }));
  if (result.outcome === 'stayed-down') return [...done, { step: ESCALATION, phase: 'done' }];
  const undone = begun.toReversed().filter((step) => SWITCHOVER_STEPS.some(({ id, undo }) => id === step && undo !== null));
  return [...done, ...undone.map((step): RunEvent => ({ step, phase: 'undone' }))];
}
