import { delayMs, type Patience, StallTimer, waitFor } from '../patience.ts';
import { askedMs, asStoreError, failed, interrupted, isPassing } from './store-error.ts';

/** One of the requests that an operation takes. */
export interface Attempt {
  /** From 1. From the second on, an earlier one may have had its effect without our knowing. */
  readonly number: number;
  /** Comes when the caller stops, and when nothing moves. */
  readonly signal: AbortSignal;
  readonly timer: StallTimer;
}

export interface Persistence {
  /** Of the object, for errors. */
  readonly name: string;
  readonly patience: Patience;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats a request while it fails for a passing reason. Not by the SDK's own policy: that one does not repeat 408 and 429,
 * does not heed Retry-After, and ends a slow transfer by its total time (storage-common 12.3, `StorageRetryPolicyV2`).
 */
export async function persist<T>(how: Persistence, request: (attempt: Attempt) => Promise<T>): Promise<T> {
  for (let number = 1; ; number += 1) {
    const outcome = await attempt(how, number, request);
    if ('answer' in outcome) return outcome.answer;
    await betweenAttempts(how, number, outcome);
  }
}

export interface Failure {
  readonly error: unknown;
  readonly stalled: boolean;
}

async function attempt<T>({ name, patience, signal }: Persistence, number: number, request: (attempt: Attempt) => Promise<T>): Promise<{ answer: T } | Failure> {
  if (signal?.aborted === true) throw interrupted(name);
  const timer = new StallTimer(patience.stallMs, signal);
  try {
    return { answer: await request({ number, signal: timer.signal, timer }) };
  } catch (error) {
    return { error, stalled: timer.stalled };
  } finally {
    timer.rest();
  }
}

/** Waits, or throws when a failure lasts. `failures`: in a row. */
export async function betweenAttempts({ name, patience, signal }: Persistence, failures: number, { error, stalled }: Failure): Promise<void> {
  if (signal?.aborted === true) throw interrupted(name);
  if (failures >= patience.attempts || !(stalled || isPassing(error))) {
    throw stalled ? failed(name, `Not a byte moved for ${patience.stallMs / 1000} seconds.`) : asStoreError(error, name);
  }
  await waitFor(delayMs(failures, patience, askedMs(error)), signal);
}
