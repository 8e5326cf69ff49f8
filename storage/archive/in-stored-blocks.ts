import { createHash, hash, type Hash } from 'node:crypto';

import { blockBytesAt } from '../../domain/backup/block-bytes.ts';
import { Buffers } from './buffers.ts';
import { LONGEST_FRAME } from './zstd.ts';

/** A part of an object as it is stored. */
export interface StoredBlock {
  /** Says what is in it: an attempt that makes the same block again finds it staged. Of one length, as Azure demands. */
  readonly id: string;
  readonly content: Buffer;
}

const ID_HASH_DIGITS = 40;

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
export const blocks = new Buffers(blockBytesAt(0) + LONGEST_FRAME + 1024, 4);

/** Gathers frames, each given in parts, into blocks; a frame is never cut. */
export async function* inStoredBlocks(frames: AsyncIterable<readonly Buffer[]>, digest: StoredDigest): AsyncGenerator<StoredBlock> {
  let block = roomAt(0);
  let bytes = 0;
  let index = 0;
  const end = (): StoredBlock => {
    const content = block.subarray(0, bytes);
    digest.update(content);
    return { id: `${String(index).padStart(6, '0')}-${hash('sha256', content).slice(0, ID_HASH_DIGITS)}`, content };
  };
  for await (const frame of frames) {
    for (const part of frame) bytes += part.copy(block, bytes);
    if (bytes < blockBytesAt(index)) continue;
    yield end();
    index += 1;
    block = roomAt(index);
    bytes = 0;
  }
  if (bytes > 0) yield end();
}

/** A block ends with the frame that fills it. */
const roomAt = (index: number): Buffer => (blockBytesAt(index) === blockBytesAt(0) ? blocks.take() : Buffer.allocUnsafeSlow(blockBytesAt(index) + LONGEST_FRAME + 1024));
