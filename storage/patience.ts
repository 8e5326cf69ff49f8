import { setTimeout as pause } from 'node:timers/promises';

/** How long a store is tried before an operation fails. Nothing limits how long an operation may take as a whole. */
export interface Patience {
  /** Of one request, the first included. */
  readonly attempts: number;
  /** Before the second attempt; doubled before each further one. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Without a byte sent or received, after which a request counts as lost. */
  readonly stallMs: number;
}

export const PATIENCE: Patience = { attempts: 6, firstDelayMs: 500, longestDelayMs: 20_000, stallMs: 60_000 };

/** A service that asks for more than this gets it from the next attempt of the whole step. */
const LONGEST_ASKED_MS = 120_000;

/** Between half and all of what the number of failures calls for, so that many clients do not come back at once. */
export function delayMs(failures: number, patience: Patience, askedMs: number | undefined): number {
  if (askedMs !== undefined) return Math.min(askedMs, LONGEST_ASKED_MS);
  return Math.min(patience.firstDelayMs * 2 ** (failures - 1), patience.longestDelayMs) * (0.5 + Math.random() / 2);
}

/** Ends early, without an error, when the signal comes. */
export async function waitFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** Aborts a request that does not move. Its limit starts anew with every byte; a big transfer may take all day. */
export class StallTimer {
  readonly #own = new AbortController();
  readonly #limitMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** Of the caller or of this timer. */
  readonly signal: AbortSignal;

  constructor(limitMs: number, signal: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.signal = signal === undefined ? this.#own.signal : AbortSignal.any([signal, this.#own.signal]);
    this.progress();
  }

  get stalled(): boolean {
    return this.#own.signal.aborted;
  }

  /** Bytes have moved, or we wait for the store again. */
  progress(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#own.abort(), this.#limitMs);
    else this.#timer.refresh();
  }

  /** It is us who are slow now. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
