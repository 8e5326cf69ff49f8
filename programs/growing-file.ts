import { statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';

import { allocatedBytes, punchHole } from './staging-space.ts';

const CHUNK = 1024 * 1024;
/** Holes of this size are cheap, at the start of a program for each. */
const HOLE = 16 * 1024 * 1024;
const WORTH_A_HOLE = 256 * 1024;

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
  /** Whether the file system gives space back inside a file. */
  #holes: boolean;
  #holeEnd = 0;
  #failure: Error | undefined;
  #punching: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(path: string, can: { readonly holes: boolean }) {
    this.path = path;
    this.#holes = can.holes;
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

  async *read(): AsyncGenerator<Buffer> {
    const file = await open(this.path, 'r');
    try {
      while (await this.#more()) {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(CHUNK, this.unread)), 0, null, this.position);
        yield buffer.subarray(0, bytesRead);
        this.position += bytesRead;
        if (this.position - this.#holeEnd >= HOLE) void this.giveBack();
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

  /** Frees what was read, where the file system can. Never throws. */
  async giveBack(): Promise<void> {
    if (this.position - this.#holeEnd < WORTH_A_HOLE) return;
    this.#punching = this.#punching.then(() => this.#punch());
    await this.#punching;
  }

  async #punch(): Promise<void> {
    if (this.gone || !this.#holes) return;
    try {
      this.#holeEnd = await punchHole(this.path, { from: this.#holeEnd, end: this.position });
      this.measure();
    } catch {
      this.#holes = false; // the space comes back when the file is through
    }
  }
}
