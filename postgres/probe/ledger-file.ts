import { closeSync, fdatasync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import type { RecordLine } from '../../domain/cluster/drill/record.ts';

const flush = promisify(fdatasync);
const FLUSH_EVERY_MS = 50;

/**
 * The record of a probe. A line is with the operating system before {@link write} returns, so that the end of the probe loses none; what the end of the
 * machine may lose is counted by nobody, because `flushed` speaks only of lines that are on the disk.
 */
export class LedgerFile implements AsyncDisposable {
  readonly path: string;
  readonly #descriptor: number;
  readonly #flushed: (lines: readonly RecordLine[]) => void;
  #waiting: RecordLine[] = [];
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout;

  /** A new file; one that is there is an error of Node. */
  constructor(path: string, flushed: (lines: readonly RecordLine[]) => void) {
    mkdirSync(dirname(path), { recursive: true });
    [this.path, this.#descriptor, this.#flushed] = [path, openSync(path, 'wx', 0o600), flushed];
    this.#timer = setInterval(() => {
      this.#flushing = this.#flushing.then(() => this.#flush());
    }, FLUSH_EVERY_MS);
  }

  write(line: RecordLine): void {
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
    this.#waiting.push(line);
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    await flush(this.#descriptor);
    this.#flushed(lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await this.#flush();
    closeSync(this.#descriptor);
  }
}
