import type { CopyProgress } from '../../domain/migration/progress.ts';

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Tables end in lumps: the rate is taken over the last minute, not from one look to the next. */
const WINDOW_MS = 60_000;

export interface Pace {
  readonly bytesPerSecond: number;
  /** Seconds until the copy is done at this rate. */
  readonly etaSeconds: number;
}

/** Measures how fast a copy goes, from what is seen of it. */
export class CopyRate {
  #samples: Sample[] = [];

  /** Notes what is copied at a moment (milliseconds); gives the pace, or undefined while there is none to be seen. */
  note({ bytesDone, bytesTotal }: Pick<CopyProgress, 'bytesDone' | 'bytesTotal'>, at: number): Pace | undefined {
    if (bytesDone < (this.#samples.at(-1)?.bytes ?? 0)) this.#samples = []; // the copy was begun anew
    this.#samples = [...this.#samples.filter((sample, index, all) => at - (all[index + 1] ?? sample).at <= WINDOW_MS), { at, bytes: bytesDone }];
    const first = this.#samples[0]!;
    if (bytesDone <= first.bytes || at <= first.at) return undefined;
    const bytesPerSecond = ((bytesDone - first.bytes) * 1000) / (at - first.at);
    return { bytesPerSecond, etaSeconds: (bytesTotal - bytesDone) / bytesPerSecond };
  }
}
