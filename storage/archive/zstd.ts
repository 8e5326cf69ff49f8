import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, type ZstdOptions } from 'node:zlib';

import { PIECE_BYTES } from './pieces.ts';
import { Places } from './places.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** How many pieces the process works on at once, whatever the number of files: bounds memory, and leaves threads of Node's pool to files. */
const places = new Places(Math.max(2, availableParallelism()));

/** Output is gathered in chunks of this size: with Node's 16 KiB every piece takes dozens of rounds through the thread pool. */
const CHUNK_BYTES = 256 * 1024;
/** Of a frame: a piece that cannot be compressed grows by less than this. */
export const LONGEST_FRAME = PIECE_BYTES + 64 * 1024;
const LEVEL = 3;
const FRAME = { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_contentSizeFlag]: 1 };

/** One frame with its length and checksum; frames one after the other are a valid `.zst` file. In Node's thread pool. */
export const compressPiece = async (piece: Buffer): Promise<Buffer> => await places.use(async () => await compress(piece, frameOptions(piece)));

/** The length is known to Node, and not yet to its types. */
function frameOptions({ length }: Buffer): ZstdOptions {
  const options = { chunkSize: Math.min(CHUNK_BYTES, length + 1024), pledgedSrcSize: length, params: FRAME };
  return options;
}

/** Rejects when the frame is damaged, or holds more than a piece. */
export const decompressFrame = async (frame: Buffer): Promise<Buffer> => await places.use(async () => await decompress(frame, { chunkSize: roomFor(frame), maxOutputLength: PIECE_BYTES }));

/** Mostly enough for all of it at once. */
const roomFor = ({ length }: Buffer): number => Math.min(PIECE_BYTES, Math.max(64 * 1024, length * 8));
