/**
 * Buffers of one size that are used again. To have fresh ones from the system costs more time than to hash them, and every
 * 64 MB of garbage outside the heap cost a full collection of it.
 */
export class Buffers {
  readonly #bytes: number;
  readonly #mostFree: number;
  readonly #free: Buffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  constructor(bytes: number, mostFree: number) {
    this.#bytes = bytes;
    this.#mostFree = mostFree;
  }

  take(): Buffer {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
    this.#lent.add(buffer.buffer);
    return buffer;
  }

  /** A buffer, or a part of one, that nobody looks at any more. Those of others are let be. */
  giveBack(part: Buffer): void {
    if (this.#lent.delete(part.buffer) && this.#free.length < this.#mostFree) this.#free.push(Buffer.from(part.buffer, 0, this.#bytes));
  }
}
