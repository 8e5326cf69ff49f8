import { randomBytes } from 'node:crypto';

/** The key of one backup, which its objects are sealed with. Every way of printing it gives stars, as with `Secret`. */
export class DataKey {
  readonly #bytes: Buffer;

  /** `bytes`: 32. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The key itself, for ciphers alone. */
  reveal(): Buffer {
    return this.#bytes;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

export const newDataKey = (): DataKey => new DataKey(randomBytes(32));
