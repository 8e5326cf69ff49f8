/**
 * Ages without wall clocks (HA58). A reading is of one monotonic clock, and two readings compare only when the clock is the same: after a restart
 * of the process that decides, everything it knew from before has no age any more.
 */
export interface Reading {
  /** Names one run of one process; another process, or the same one started again, is another clock. */
  readonly clock: string;
  readonly ms: number;
}

/** What one observer says, and when it was asked. */
export interface Observation<T> {
  /** Name of the node or vantage point that says it. */
  readonly observer: string;
  /** On the clock of the one who decides, before the question was sent: the answer is at most this old, however long it travelled. */
  readonly askedAt: Reading;
  readonly value: T;
}

/** Milliseconds from `at` to `now`; undefined when they cannot be compared. */
export const ageMs = (at: Reading, now: Reading): number | undefined => (at.clock === now.clock && at.ms <= now.ms ? now.ms - at.ms : undefined);

/** Not older than `limitMs`. Of unknown age is not fresh. */
export function isFresh(observation: Observation<unknown>, now: Reading, limitMs: number): boolean {
  const age = ageMs(observation.askedAt, now);
  return age !== undefined && age <= limitMs;
}

/**
 * The last word of every observer: what else a log of observations holds decides nothing. What was said on another clock is older than anything said
 * on the clock of `now`, but it is not forgotten, because it may be a reason against acting.
 */
export function lastWords<T>(observations: readonly Observation<T>[], now: Reading): ReadonlyMap<string, Observation<T>> {
  const last = new Map<string, Observation<T>>();
  for (const observation of observations) {
    const known = last.get(observation.observer);
    if (known === undefined || isLater(observation.askedAt, known.askedAt, now)) last.set(observation.observer, observation);
  }
  return last;
}

/** Whether `one` is not before `other`; of two clocks the one of `now` is the later. */
export function isLater(one: Reading, other: Reading, now: Reading): boolean {
  if (one.clock === other.clock) return one.ms >= other.ms;
  return one.clock === now.clock;
}
