/** The steps of the write-blocked window, in order. */
export const WINDOW_STEPS = ['paused', 'armed', 'fenced', 'drained', 'sequences', 'point-of-no-return', 'switched'] as const;
export type WindowStep = (typeof WINDOW_STEPS)[number];

export interface CutoverStepReport {
  readonly attempt: number;
  readonly step: WindowStep | 'reverted' | 'proved';
  /** Milliseconds since the window opened. */
  readonly ms: number;
}

/** What a worker finds in the journal of a run, and what it therefore does. */
export type Takeover =
  | { readonly action: 'begin'; readonly attempt: number }
  /** A window was open when its worker died, before the point of no return: take the fence down, then begin anew. */
  | { readonly action: 'revert'; readonly attempt: number }
  /** The target may be serving already: only forward. */
  | { readonly action: 'roll-forward'; readonly attempt: number }
  | { readonly action: 'finished'; readonly attempt: number };

/** One rule for every crash: the last attempt's highest step decides. */
export function takeOver(journal: readonly { readonly attempt: number; readonly step: string }[]): Takeover {
  const attempt = Math.max(0, ...journal.map((entry) => entry.attempt));
  const steps = new Set(journal.filter((entry) => entry.attempt === attempt).map((entry) => entry.step));
  if (steps.has('switched')) return { action: 'finished', attempt };
  if (steps.has('reverted') || attempt === 0) return { action: 'begin', attempt: attempt + 1 };
  if (steps.has('point-of-no-return')) return { action: 'roll-forward', attempt };
  return { action: 'revert', attempt };
}
