import { createHash, type Hash } from 'node:crypto';

/** Counts and hashes what passes through it. */
export class Passing {
  #bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  /** Gives the pieces on as they are. */
  async *through(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      this.#bytes += piece.length;
      this.#hash.update(piece);
      yield piece;
    }
  }

  /** Once, at the end. */
  end(): { bytes: number; sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}
