import { BadFrame } from './bad-frame.ts';
import type { ByteReader } from './byte-reader.ts';

/** The format: https://www.rfc-editor.org/rfc/rfc8878#section-3.1 */
const MAGIC = 0xfd2fb528;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const CHECKSUM_BYTES = 4;
const BLOCK_RUN_LENGTH = 1;
const BLOCK_RESERVED = 3;

/**
 * The frames of a `.zst` file one by one, so that several are decompressed at once. Only the lengths are read; what is inside
 * is left to the library. `longest`: of a frame, so that a damaged length cannot fill the memory. Throws {@link BadFrame}.
 */
export async function* zstdFrames(reader: ByteReader, longest: number): AsyncGenerator<Buffer> {
  while (!(await reader.atEnd())) {
    const parts = [await exactly(reader, 5)];
    const descriptor = parts[0]![4]!;
    if (parts[0]!.readUInt32LE(0) !== MAGIC) throw new BadFrame('A frame does not begin with the mark of zstd.');
    parts.push(await exactly(reader, headerBytes(descriptor)));
    let bytes = 0;
    for (let last = false; !last; ) {
      const header = await exactly(reader, 3);
      const fields = header.readUIntLE(0, 3);
      const type = (fields >> 1) & 3;
      last = (fields & 1) === 1;
      bytes += fields >> 3;
      if (type === BLOCK_RESERVED || bytes > longest) throw new BadFrame('A block of a frame has an impossible length.');
      parts.push(header, await exactly(reader, type === BLOCK_RUN_LENGTH ? 1 : fields >> 3));
    }
    if ((descriptor & 4) !== 0) parts.push(await exactly(reader, CHECKSUM_BYTES));
    yield Buffer.concat(parts);
  }
}

/** Behind the descriptor: window, dictionary, content size. */
function headerBytes(descriptor: number): number {
  const single = (descriptor & 32) !== 0;
  const size = CONTENT_SIZE_BYTES[descriptor >> 6]!;
  return (single ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + (size === 0 && single ? 1 : size);
}

async function exactly(reader: ByteReader, bytes: number): Promise<Buffer> {
  const read = await reader.read(bytes);
  if (read.length === bytes) return read;
  throw new BadFrame('It ends within a frame.');
}
