import { BadFrame } from './bad-frame.ts';
import type { ByteReader } from './byte-reader.ts';

/** The format: https://www.rfc-editor.org/rfc/rfc8878#section-3.1 */
const MAGIC = 0xfd2fb528;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const CHECKSUM_BYTES = 4;
const BLOCK_RUN_LENGTH = 1;
const BLOCK_RESERVED = 3;
/** Mark and descriptor. */
const START_BYTES = 5;

/**
 * The frames of a `.zst` file one by one, so that several are decompressed at once. Only the lengths are read; what is inside
 * is left to the library. `takeRoom`: for one frame, which it has to fit into, so that a damaged length cannot fill the memory;
 * it is the reader's to give back. Throws {@link BadFrame}.
 */
export async function* zstdFrames(reader: ByteReader, takeRoom: () => Buffer): AsyncGenerator<Buffer> {
  while (!(await reader.atEnd())) yield await new FrameFiller(reader, takeRoom()).fill();
}

class FrameFiller {
  readonly #reader: ByteReader;
  readonly #room: Buffer;
  #filled = 0;

  constructor(reader: ByteReader, room: Buffer) {
    this.#reader = reader;
    this.#room = room;
  }

  async fill(): Promise<Buffer> {
    const start = await this.#take(START_BYTES);
    if (start.readUInt32LE(0) !== MAGIC) throw new BadFrame('A frame does not begin with the mark of zstd.');
    const descriptor = start[4]!;
    await this.#take(headerBytes(descriptor));
    for (let last = false; !last; ) {
      const fields = (await this.#take(3)).readUIntLE(0, 3);
      const type = (fields >> 1) & 3;
      last = (fields & 1) === 1;
      if (type === BLOCK_RESERVED) throw impossible();
      await this.#take(type === BLOCK_RUN_LENGTH ? 1 : fields >> 3);
    }
    if ((descriptor & 4) !== 0) await this.#take(CHECKSUM_BYTES);
    return this.#room.subarray(0, this.#filled);
  }

  async #take(bytes: number): Promise<Buffer> {
    if (bytes > this.#room.length - this.#filled) throw impossible();
    const part = this.#room.subarray(this.#filled, this.#filled + bytes);
    if ((await this.#reader.readInto(part)) < bytes) throw new BadFrame('It ends within a frame.');
    this.#filled += bytes;
    return part;
  }
}

const impossible = (): BadFrame => new BadFrame('A block of a frame has an impossible length.');

/** Behind the descriptor: window, dictionary, content size. */
function headerBytes(descriptor: number): number {
  return placeOfContentSize(descriptor) - START_BYTES + contentSizeBytes(descriptor);
}

const isSingle = (descriptor: number): boolean => (descriptor & 32) !== 0;
const contentSizeBytes = (descriptor: number): number => CONTENT_SIZE_BYTES[descriptor >> 6]! || (isSingle(descriptor) ? 1 : 0);
const placeOfContentSize = (descriptor: number): number => START_BYTES + (isSingle(descriptor) ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]!;

/** How much a frame says that it unpacks to; undefined when it does not say, or is no frame. Not to be trusted. */
export function contentSizeOf(frame: Buffer): number | undefined {
  const descriptor = frame[START_BYTES - 1] ?? 0;
  const [at, bytes] = [placeOfContentSize(descriptor), contentSizeBytes(descriptor)];
  if (bytes === 0 || frame.length < at + bytes) return undefined;
  if (bytes === 8) return Number(frame.readBigUInt64LE(at));
  return frame.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}
