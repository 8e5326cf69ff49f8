import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, type ZstdOptions } from 'node:zlib';

import { owned } from './own-memory.ts';
import { PIECE_BYTES } from './pieces.ts';
import { Places } from './places.ts';
import { contentSizeOf } from './zstd-frames.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** How many pieces the process works on at once, whatever the number of files: bounds memory, and leaves threads of Node's pool to files. */
const places = new Places(Math.max(2, availableParallelism()));

/** Of a frame: a piece that cannot be compressed grows by less than this. */
export const LONGEST_FRAME = PIECE_BYTES + 64 * 1024;
/** Stores as much as gzip of pg_dump; the next one stores a tenth less, and takes longer. */
const LEVEL = 2;
const FRAME = { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_contentSizeFlag]: 1 };

/** One frame with its length and checksum; frames one after the other are a valid `.zst` file. In Node's thread pool. Whoever is through with it releases it. */
export const compressPiece = async (piece: Buffer): Promise<Buffer> => owned(await places.use(async () => await compress(piece, frameOptions(piece))));

/**
 * Room for half of it, which nearly always is enough: with Node's chunks of 16 KiB a piece goes through the thread pool dozens
 * of times. Node knows `pledgedSrcSize`, its types do not yet.
 */
function frameOptions({ length }: Buffer): ZstdOptions {
  const options = { chunkSize: Math.ceil(length / 2) + 1024, pledgedSrcSize: length, params: FRAME };
  return options;
}

/** Rejects when the frame is damaged, or holds more than a piece. Whoever is through with what it gives releases it. */
export const decompressFrame = async (frame: Buffer): Promise<Buffer> => owned(await places.use(async () => await decompress(frame, { chunkSize: roomFor(frame), maxOutputLength: PIECE_BYTES })));

/** For all of it at once. One that is filled to its end makes Node ask for as much again, in case there is more. */
const MARGIN = 64;
const roomFor = (frame: Buffer): number => Math.min(PIECE_BYTES, contentSizeOf(frame) ?? Math.max(64 * 1024, frame.length * 8)) + MARGIN;
