import { createHash, hash, type Hash } from 'node:crypto';

import { blockBytesAt } from '../../domain/backup/block-bytes.ts';
import { Buffers } from './buffers.ts';
import { release } from './own-memory.ts';

/** A part of an object as it is stored. */
export interface StoredBlock {
  /** Says what is in it: an attempt that makes the same block again finds it staged. Of one length, as Azure demands. */
  readonly id: string;
  readonly content: Buffer;
}

const ID_HASH_DIGITS = 40;

export const blockId = (index: number, sha256: string): string => `${String(index).padStart(6, '0')}-${sha256.slice(0, ID_HASH_DIGITS)}`;

/** Counts and hashes an object while it is cut into blocks. */
export class StoredDigest {
  readonly #sha256: Hash = createHash('sha256');
  readonly #md5: Hash = createHash('md5');
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  update(block: Buffer): void {
    this.#bytes += block.length;
    this.#sha256.update(block);
    this.#md5.update(block);
  }

  /** Once, at the end. */
  end(): { bytes: number; sha256: string; md5: Buffer } {
    return { bytes: this.#bytes, sha256: this.#sha256.digest('hex'), md5: this.#md5.digest() };
  }
}

/** For the blocks that most files have; bigger ones come from the system. Who is through with a block gives it back. */
export const blocks = new Buffers(blockBytesAt(0), 4);

/** Gathers frames, each given in parts, into blocks; a frame may go on in the next one. What was copied is released. */
export async function* inStoredBlocks(frames: AsyncIterable<readonly Buffer[]>, digest: StoredDigest): AsyncGenerator<StoredBlock> {
  let block = roomAt(0);
  let bytes = 0;
  let index = 0;
  const end = (): StoredBlock => {
    const content = block.subarray(0, bytes);
    digest.update(content);
    return { id: blockId(index, hash('sha256', content)), content };
  };
  for await (const frame of frames) {
    for (const whole of frame) {
      let part = whole;
      while (part.length > 0) {
        if (bytes === block.length) {
          yield end();
          index += 1;
          block = roomAt(index);
          bytes = 0;
        }
        const taken = part.copy(block, bytes);
        bytes += taken;
        part = part.subarray(taken);
      }
      release(whole);
    }
  }
  if (bytes > 0) yield end();
}

const roomAt = (index: number): Buffer => (blockBytesAt(index) === blockBytesAt(0) ? blocks.take() : Buffer.allocUnsafeSlow(blockBytesAt(index)));
