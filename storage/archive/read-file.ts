import { createHash } from 'node:crypto';

import type { ManifestFile } from '../../domain/backup/manifest.ts';
import { OperationError } from '../../domain/errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { ahead } from './ahead.ts';
import { BadFrame } from './bad-frame.ts';
import { ByteReader } from './byte-reader.ts';
import { damaged } from './damage.ts';
import type { DataKey } from './data-key.ts';
import { Buffers } from './buffers.ts';
import { owned, release } from './own-memory.ts';
import { Sealing } from './sealing.ts';
import { unsealed } from './unsealed.ts';
import { LONGEST_FRAME, decompressFrame } from './zstd.ts';
import { zstdFrames } from './zstd-frames.ts';

export interface ReadOrder {
  readonly store: ObjectStore;
  readonly prefix: string;
  readonly backupId: string;
  /** Of a manifest that was checked. */
  readonly file: ManifestFile;
  /** Undefined for a backup that is not encrypted. */
  readonly dataKey: DataKey | undefined;
  readonly signal: AbortSignal;
}

/** Frames of one file that are decompressed at once. */
const FRAMES_UNDER_WAY = 2;

/** What frames are gathered in. */
const rooms = new Buffers(LONGEST_FRAME, 8);

/**
 * The file as pg_dump wrote it, in pieces. When something is wrong with it, it throws `backup_damaged` at the latest INSTEAD
 * of ending: who uses the pieces has to wait for the end before anything becomes final. Who is through with a piece may
 * {@link release} it.
 */
export async function* readFile(order: ReadOrder): AsyncGenerator<Buffer> {
  const { file } = order;
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const piece of rawPieces(order)) {
    sha256.update(piece);
    bytes += piece.length;
    yield piece;
  }
  if (bytes !== file.rawBytes) throw damage(order, 'It unpacks to another number of bytes.', file.rawBytes, bytes);
  const actual = sha256.digest('hex');
  if (actual !== file.rawSha256) throw damage(order, 'It unpacks to other bytes: the SHA-256 differs.', file.rawSha256, actual);
}

function damage({ backupId, prefix, file }: ReadOrder, what: string, expected?: string | number, actual?: string | number): OperationError {
  return damaged({ backupId, object: prefix + file.object, what, ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) });
}

async function* rawPieces(order: ReadOrder): AsyncGenerator<Buffer> {
  const { file, dataKey, backupId } = order;
  const compressed = /\.zst(\.sealed)?$/.test(file.object);
  const stored: { damage?: OperationError } = {};
  const reader = new ByteReader(noting(storedPieces(order), stored));
  try {
    const frames = framesOf(reader, compressed, dataKey === undefined ? undefined : new Sealing(dataKey, backupId, file.name));
    yield* compressed ? ahead(frames, FRAMES_UNDER_WAY, unpack) : frames;
  } catch (error) {
    if (!(error instanceof BadFrame)) throw error;
    // What is stored is read to its end: that it is not what was stored, with both hashes, says more than a frame does.
    for await (const _ of reader.rest());
    throw stored.damage ?? damage(order, error.message);
  } finally {
    await reader.stop();
  }
}

async function unpack(frame: Buffer, index: number): Promise<Buffer> {
  const piece = await decompressFrame(frame).catch(() => {
    throw new BadFrame(`Frame ${index} does not unpack.`);
  });
  rooms.giveBack(frame);
  release(frame);
  return piece;
}

function framesOf(reader: ByteReader, compressed: boolean, sealing: Sealing | undefined): AsyncIterable<Buffer> {
  if (sealing !== undefined) return unsealed(reader, sealing);
  return compressed ? zstdFrames(reader, () => rooms.take()) : copies(reader.rest());
}

/** What the store gives is good until more is asked of it; whoever has a piece of ours keeps it as long as they like. */
async function* copies(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of content) yield owned(Buffer.from(piece));
}

/** Keeps the error as well as throwing it: frames are read ahead, so that it may meet a reader who is busy with another. */
async function* noting(pieces: AsyncIterable<Uint8Array>, stored: { damage?: OperationError }): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    if (error instanceof OperationError && error.code === 'backup_damaged') stored.damage = error;
    throw error;
  }
}

/** The object as it is stored; its length and hash are compared at its end. */
async function* storedPieces(order: ReadOrder): AsyncGenerator<Uint8Array> {
  const { store, prefix, file, signal } = order;
  const sha256 = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of store.get(prefix + file.object, undefined, signal)) {
      bytes += piece.length;
      if (bytes > file.bytes) throw damage(order, 'It is longer than it was.', file.bytes, 'more');
      sha256.update(piece);
      yield piece;
    }
  } catch (error) {
    if (error instanceof OperationError && error.code === 'object_missing') throw damage(order, 'It is not in the store.');
    throw error;
  }
  if (bytes !== file.bytes) throw damage(order, 'It is shorter than it was.', file.bytes, bytes);
  const actual = sha256.digest('hex');
  if (actual !== file.sha256) throw damage(order, 'Its SHA-256 differs.', file.sha256, actual);
}
