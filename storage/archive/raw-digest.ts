import { createHash, type Hash } from 'node:crypto';

import { DATA_END } from '../../domain/backup/manifest.ts';

const END = Buffer.from(DATA_END);
const END_LINES = 3;
const LINE_END = 0x0a;

/** Hashes a file as pg_dump wrote it and, in the same pass, its rows without the marker that ends them. */
export class RawDigest {
  readonly #hash: Hash = createHash('sha256');
  /** Not hashed yet: as many bytes as the marker has. */
  #tail: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #lines = 0;

  get bytes(): number {
    return this.#bytes;
  }

  update(piece: Buffer): void {
    this.#bytes += piece.length;
    this.#lines += lineEnds(piece);
    const kept = Math.max(0, piece.length - END.length);
    if (piece.length >= END.length) {
      this.#hash.update(this.#tail).update(piece.subarray(0, kept));
      this.#tail = Buffer.from(piece.subarray(kept));
      return;
    }
    const together = Buffer.concat([this.#tail, piece]);
    const cut = Math.max(0, together.length - END.length);
    this.#hash.update(together.subarray(0, cut));
    this.#tail = together.subarray(cut);
  }

  /** Once. `contentSha256` is null when the file does not end with the marker. */
  end(): { rawBytes: number; rawSha256: string; contentSha256: string | null; lines: number } {
    const marked = this.#tail.equals(END);
    const contentSha256 = marked ? this.#hash.copy().digest('hex') : null;
    return { rawBytes: this.#bytes, rawSha256: this.#hash.update(this.#tail).digest('hex'), contentSha256, lines: this.#lines - (marked ? END_LINES : 0) };
  }
}

/** `indexOf` is the fastest that JavaScript has: it looks at many bytes at once. */
function lineEnds(piece: Buffer): number {
  let count = 0;
  for (let at = piece.indexOf(LINE_END); at !== -1; at = piece.indexOf(LINE_END, at + 1)) count += 1;
  return count;
}
