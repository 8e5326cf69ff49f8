import type { ProcessGroup } from './process-group.ts';

/** A group of processes that is held up now and then, and for how long in all. */
export class HoldUp {
  readonly #group: ProcessGroup;
  #since: number | undefined;
  #ms = 0;

  constructor(group: ProcessGroup) {
    this.#group = group;
  }

  get now(): boolean {
    return this.#since !== undefined;
  }

  get seconds(): number {
    return (this.#ms + (this.#since === undefined ? 0 : performance.now() - this.#since)) / 1000;
  }

  begin(): void {
    if (this.#since !== undefined) return;
    this.#group.stop();
    this.#since = performance.now();
  }

  end(): void {
    if (this.#since === undefined) return;
    this.#group.continue();
    this.#ms += performance.now() - this.#since;
    this.#since = undefined;
  }
}
