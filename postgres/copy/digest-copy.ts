import { createHash } from 'node:crypto';

import type { Session } from '../connection.ts';
import { CopySide } from './copy-side.ts';

export interface CopyDigest {
  readonly rows: number;
  readonly bytes: number;
  /** Hex, of the text as `COPY … TO STDOUT` sends it. */
  readonly sha256: string;
}

/** What a hash is given at once: one call for each row would cost more than the hash. */
const CHUNK = 1 << 18;
const HEAD = 5;

/** Runs `COPY … TO STDOUT` and hashes what comes, keeping none of it. */
export async function digestCopy(session: Session, sql: string, signal?: AbortSignal): Promise<CopyDigest> {
  const side = new CopySide(session, 'target');
  const payload = new PayloadHash();
  side.onData = (bytes) => payload.push(bytes);
  const abort = (): void => side.abandon(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    side.start(sql);
    const rows = await side.finished();
    return { rows, bytes: payload.bytes, sha256: payload.digest() };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    side.release();
  }
}

/** Takes runs of CopyData frames, whose heads are never cut in two (see `FrameScanner`), and hashes what is between the heads. */
class PayloadHash {
  readonly #hash = createHash('sha256');
  readonly #chunk = Buffer.allocUnsafe(CHUNK);
  #filled = 0;
  #left = 0;
  bytes = 0;

  push(run: Buffer): void {
    for (let at = 0; at < run.length; ) {
      if (this.#left === 0) {
        this.#left = run.readUInt32BE(at + 1) - 4;
        at += HEAD;
        continue;
      }
      const end = Math.min(at + this.#left, run.length);
      this.#take(run, at, end);
      this.#left -= end - at;
      at = end;
    }
  }

  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #take(run: Buffer, from: number, to: number): void {
    this.bytes += to - from;
    if (to - from > CHUNK - this.#filled) this.#flush();
    if (to - from > CHUNK) this.#hash.update(run.subarray(from, to));
    else this.#filled += run.copy(this.#chunk, this.#filled, from, to);
  }

  #flush(): void {
    this.#hash.update(this.#chunk.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
