import { randomUUID } from 'node:crypto';

import type { Reading } from '../../domain/cluster/reading.ts';

/** So many rounds are remembered; a word that is older than all of them has no age. */
const REMEMBERED = 1000;

/** The rounds that this asker has begun, with the moment before each by its own clock. */
export class OwnRounds {
  readonly #clock = randomUUID();
  readonly #begun: { readonly round: number; readonly ms: number }[] = [];

  now(): Reading {
    return { clock: this.#clock, ms: performance.now() };
  }

  remember(round: number, ms: number): void {
    this.#begun.push({ round, ms });
    if (this.#begun.length > REMEMBERED) this.#begun.shift();
  }

  /** The moment that a word said in this round is not older than: of our newest round that was not after it. */
  reading(round: number): Reading {
    const own = this.#begun.findLast((one) => one.round <= round);
    return own === undefined ? { clock: `before ${this.#clock}`, ms: 0 } : { clock: this.#clock, ms: own.ms };
  }
}
