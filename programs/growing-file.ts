import { statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename } from 'node:path';

import type { HolePuncher } from './hole-puncher.ts';
import { allocatedBytes } from './staging-space.ts';

const CHUNK = 1024 * 1024;
const HOLE = 8 * 1024 * 1024;

/** A file that somebody else writes from beginning to end, read behind the writer; the space of what was read is given back. */
export class GrowingFile {
  readonly path: string;
  /** As far as it is known to be written. */
  size = 0;
  /** What it takes on the disk, as of the last look. */
  allocated = 0;
  /** As far as the reader has taken it. */
  position = 0;
  /** No more will be written: by proof, never for silence. */
  ended = false;
  /** It was read to its end and removed. */
  gone = false;
  #puncher: HolePuncher | undefined;
  #holeEnd = 0;
  #failure: Error | undefined;
  #punching: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  /** Without a `puncher` its space comes back when it is removed. */
  constructor(path: string, puncher: HolePuncher | undefined) {
    this.path = path;
    this.#puncher = puncher;
  }

  /** Bytes that are written and were not read yet. */
  get unread(): number {
    return this.size - this.position;
  }

  /** Looks how long the file is and what it takes on the disk. */
  measure(): void {
    const facts = statSync(this.path, { throwIfNoEntry: false });
    if (facts === undefined) return this.#leave(); // its reader was through with it
    this.size = Math.max(this.size, facts.size);
    this.allocated = allocatedBytes(facts);
  }

  /** Tells the reader that there may be more, or the end. */
  tell(): void {
    this.#wake();
  }

  /** The reader throws instead of ending. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** Each piece is good until the next one is asked for. */
  async *read(): AsyncGenerator<Buffer> {
    const file = await open(this.path, 'r');
    const buffer = Buffer.allocUnsafe(this.ended ? Math.min(CHUNK, this.size) : CHUNK);
    try {
      while (await this.#more()) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, this.unread), this.position);
        yield buffer.subarray(0, bytesRead);
        this.position += bytesRead;
        void this.giveBack(HOLE);
      }
    } finally {
      await file.close();
    }
    await this.#punching;
    await rm(this.path);
    this.#leave();
  }

  #leave(): void {
    this.gone = true;
    this.allocated = 0;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.unread > 0) return true;
      if (this.ended) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Frees what was read, once that is `least` bytes, where the file system can. Never throws. */
  async giveBack(least: number): Promise<void> {
    if (this.position - this.#holeEnd < least) return;
    this.#punching = this.#punching.then(() => this.#punch());
    await this.#punching;
  }

  async #punch(): Promise<void> {
    if (this.gone || this.#puncher === undefined) return;
    const end = await this.#puncher.punch(basename(this.path), { from: this.#holeEnd, end: this.position });
    if (end === undefined) this.#puncher = undefined;
    else this.#holeEnd = end;
    this.measure();
  }
}
