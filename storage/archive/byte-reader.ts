/** Reads lengths of bytes from a stream of pieces, without copying what lies in one of them. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** As many bytes as are asked for, or fewer at the end. */
  async read(bytes: number): Promise<Buffer> {
    if (this.#piece.length >= bytes) return this.#take(bytes);
    const parts: Buffer[] = [];
    let missing = bytes;
    while (missing > 0 && (await this.#more())) {
      const part = this.#take(Math.min(missing, this.#piece.length));
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#more());
  }

  /** Everything that is left, in the pieces it comes in. */
  async *rest(): AsyncGenerator<Buffer> {
    while (await this.#more()) yield this.#take(this.#piece.length);
  }

  /** Ends the stream early. */
  async stop(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #more(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = asBuffer(next.value);
    }
    return true;
  }

  #take(bytes: number): Buffer {
    const taken = this.#piece.subarray(0, bytes);
    this.#piece = this.#piece.subarray(bytes);
    return taken;
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
