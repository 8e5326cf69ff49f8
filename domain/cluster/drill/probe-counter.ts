import type { RecordLine } from './record.ts';

/** How a probe goes, for whoever watches over it while it runs: of what is on the disk only. */
export interface ProbeStatus {
  /** All have a connection. */
  readonly begun: boolean;
  /** Of the probe's clock, the newest line. */
  readonly atMs: number;
  readonly acked: number;
  /** Writes that were not acknowledged, and dials that failed. */
  readonly errors: number;
  /** Since the last acknowledged write of anybody. */
  readonly silentMs: number;
  /** The longest of these so far. */
  readonly longestSilenceMs: number;
  readonly timeline: number | null;
  readonly node: string | null;
}

/** Counts lines as they come to the disk. */
export class ProbeCounter {
  #begun = false;
  #atMs = 0;
  #acked = 0;
  #errors = 0;
  #lastAckMs: number | null = null;
  #longestMs = 0;
  #timeline: number | null = null;
  #node: string | null = null;

  count(lines: readonly RecordLine[]): void {
    for (const line of lines) this.#countOne(line);
  }

  now(): ProbeStatus {
    const silentMs = this.#lastAckMs === null ? 0 : Math.max(0, this.#atMs - this.#lastAckMs);
    return { begun: this.#begun, atMs: this.#atMs, acked: this.#acked, errors: this.#errors, silentMs, longestSilenceMs: Math.max(this.#longestMs, silentMs), timeline: this.#timeline, node: this.#node };
  }

  #countOne(line: RecordLine): void {
    switch (line[0]) {
      case 'H': return;
      case 'G': [this.#begun, this.#lastAckMs] = [true, line[1]]; return this.#see(line[1]);
      case 'E': return this.#see(line[1]);
      case 'D': this.#errors += 1; return this.#see(line[2]);
      case 'S': case 'r': return this.#see(line[3]);
      case 'A':
        this.#acked += 1;
        if (this.#begun && this.#lastAckMs !== null) this.#longestMs = Math.max(this.#longestMs, line[3] - this.#lastAckMs);
        [this.#lastAckMs, this.#node, this.#timeline] = [line[3], line[4], line[5]];
        return this.#see(line[3]);
      case 'W': case 'B': case 'R': this.#errors += 1; return this.#see(line[3]);
    }
  }

  #see(ms: number): void {
    this.#atMs = Math.max(this.#atMs, ms);
  }
}
