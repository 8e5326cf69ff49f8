/** Reads lengths of bytes from a stream of pieces, each of which is good until the next is asked for. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** As many bytes as are asked for, or fewer at the end. */
  async read(bytes: number): Promise<Buffer> {
    const room = Buffer.allocUnsafe(bytes);
    return room.subarray(0, await this.readInto(room));
  }

  /** Fills the room, or less of it at the end; gives how much. */
  async readInto(room: Buffer): Promise<number> {
    let filled = 0;
    while (filled < room.length && (await this.#more())) {
      const taken = this.#piece.copy(room, filled);
      this.#piece = this.#piece.subarray(taken);
      filled += taken;
    }
    return filled;
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#more());
  }

  /** Everything that is left, in the pieces it comes in. */
  async *rest(): AsyncGenerator<Buffer> {
    while (await this.#more()) {
      const piece = this.#piece;
      this.#piece = Buffer.alloc(0);
      yield piece;
    }
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
}

const asBuffer = (bytes: Uint8Array): Buffer => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
