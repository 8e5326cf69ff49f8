import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync } from 'node:crypto';

import type { DataKey } from './data-key.ts';

/** Begins every sealed object. The format is described in docs/backup-format.md; changing it takes another header. */
export const SEALED_HEADER = Buffer.from('PGCONVOY-SEALED-1\n');
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** Before the nonce: how long ciphertext and tag are together, big-endian. */
export const LENGTH_BYTES = 4;

/** Where a frame belongs. */
export interface FramePlace {
  readonly index: number;
  readonly last: boolean;
}

/**
 * Seals the frames of one file with AES-256-GCM. What is authenticated with each frame binds it to its backup, file and
 * place, and says whether it is the last: frames cannot be cut off, swapped or reordered unnoticed.
 *
 * The nonce is made from the place and the content: a repeated attempt gives the same bytes for the same content, and
 * different frames never meet under one nonce but by a collision of 96 bits.
 */
export class Sealing {
  readonly #key: Buffer;
  readonly #nonceKey: Buffer;
  /** `backupId/name` */
  readonly #owner: string;

  constructor(dataKey: DataKey, backupId: string, name: string) {
    this.#key = dataKey.reveal();
    this.#nonceKey = Buffer.from(hkdfSync('sha256', this.#key, '', 'pgconvoy-nonces', 32));
    this.#owner = `${backupId}/${name}`;
  }

  /** The parts of the sealed frame, in order. */
  seal(frame: Uint8Array, place: FramePlace): Buffer[] {
    const bound = this.#boundData(place);
    const nonce = createHmac('sha256', this.#nonceKey).update(bound).update(hash('sha256', frame, 'buffer')).digest().subarray(0, NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(bound);
    const sealed = cipher.update(frame);
    cipher.final(); // empty in this mode
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(sealed.length + TAG_BYTES);
    return [length, nonce, sealed, cipher.getAuthTag()];
  }

  /** `sealed`: ciphertext and tag. Undefined when they do not belong there, or were changed. */
  open(nonce: Uint8Array, sealed: Uint8Array, place: FramePlace): Buffer | undefined {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(this.#boundData(place)).setAuthTag(sealed.subarray(-TAG_BYTES));
    const frame = decipher.update(sealed.subarray(0, -TAG_BYTES));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return frame;
  }

  #boundData({ index, last }: FramePlace): Buffer {
    return Buffer.from(`${this.#owner}#${index}${last ? '!' : ''}`);
  }
}
