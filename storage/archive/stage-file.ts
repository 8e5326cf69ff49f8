import { type BackupCompression, type FileKind, type ManifestFile, objectNameOf } from '../../domain/backup/manifest.ts';
import type { ObjectStore } from '../object-store.ts';
import { ahead } from './ahead.ts';
import type { DataKey } from './data-key.ts';
import { blocks, inStoredBlocks, StoredDigest, type StoredBlock } from './in-stored-blocks.ts';
import { inPieces, pieces } from './pieces.ts';
import { owned, release } from './own-memory.ts';
import { RawDigest } from './raw-digest.ts';
import { type FramePlace, SEALED_HEADER, Sealing } from './sealing.ts';
import { untilAborted } from './until-aborted.ts';
import { compressPiece } from './zstd.ts';

export interface FileOrder {
  readonly store: ObjectStore;
  /** Of the backup, with `/` at its end. */
  readonly prefix: string;
  readonly backupId: string;
  /** As pg_dump named it. */
  readonly name: string;
  readonly kind: FileKind;
  /** May take as long as it likes. Each of its buffers is copied before the next is asked for, so that it may use one for all. */
  readonly content: AsyncIterable<Buffer>;
  readonly compression: BackupCompression;
  readonly dataKey: DataKey | undefined;
  readonly signal: AbortSignal;
  /** No earlier attempt can have staged anything, so that the store is not asked. */
  readonly first?: boolean | undefined;
  /** Whether so many bytes of a small file may wait in memory for its commit, which then takes one request. Default: never. */
  readonly mayHold?: (bytes: number) => boolean;
  /** Bytes so far; `storedBytes` counts what the store has taken, or had already. */
  readonly onProgress?: (rawBytes: number, storedBytes: number) => void;
}

/** A file whose blocks are all in the store, and which is no object yet. */
export interface StagedFile {
  readonly file: ManifestFile;
  /** Of the rows alone; null for a file that does not end with the marker of rows: a data file that was cut off. */
  readonly contentSha256: string | null;
  /** Rows, when it is a data file: line ends before the marker. */
  readonly lines: number;
  readonly ids: readonly string[];
  /** All of a small object, which is not in the store at all yet and has no block. */
  readonly held: Buffer | null;
  readonly md5: Uint8Array;
}

/** What is no more than this may be held. */
const SMALL_BYTES = 64 * 1024;

const NONE: ReadonlySet<string> = new Set();

/** Of one file, each up to 4 MiB. */
const PIECES_UNDER_WAY = 2;
const BLOCKS_UNDER_WAY = 2;

/**
 * Compresses, seals, hashes and stages a file in one pass, while it is still being written. Blocks that an earlier attempt
 * has staged are not sent again. Nothing becomes an object before {@link commitFile}.
 *
 * Errors: those of the store and of the content, and `interrupted`.
 */
export async function stageFile(order: FileOrder): Promise<StagedFile> {
  const { store, prefix, name, kind, signal } = order;
  const object = objectNameOf(name, { compressed: order.compression === 'zstd', sealed: order.dataKey !== undefined });
  const [raw, stored] = [new RawDigest(), new StoredDigest()];
  const staged = order.first === true ? NONE : await store.stagedBlocks(prefix + object);
  let held: Buffer | null = null;
  const stage = async ({ id, content }: StoredBlock, index: number): Promise<string[]> => {
    // A block that is not full is the last.
    const hold = index === 0 && content.length <= SMALL_BYTES && order.mayHold?.(content.length) === true;
    if (hold) held = Buffer.from(content);
    else if (!staged.has(id)) await store.stageBlock({ name: prefix + object, id, content, signal });
    blocks.giveBack(content);
    order.onProgress?.(raw.bytes, stored.bytes);
    return hold ? [] : [id];
  };
  const ids: string[] = [];
  for await (const made of ahead(inStoredBlocks(framesOf(order, raw), stored), BLOCKS_UNDER_WAY, stage)) ids.push(...made);
  const { md5, ...facts } = stored.end();
  const { rawBytes, rawSha256, contentSha256, lines } = raw.end();
  return { file: { name, object, kind, ...facts, rawBytes, rawSha256 }, contentSha256, lines, ids, held, md5 };
}

/** The frames of the object as they are stored, each in parts. */
function framesOf({ content, signal, name, compression, dataKey, backupId }: FileOrder, raw: RawDigest): AsyncIterable<readonly Buffer[]> {
  const frames = ahead(inPieces(untilAborted(content, signal, name)), PIECES_UNDER_WAY, async (piece) => {
    raw.update(piece);
    if (compression === 'none') return piece;
    const frame = await compressPiece(piece);
    pieces.giveBack(piece);
    return frame;
  });
  return dataKey === undefined ? inParts(frames) : sealed(frames, new Sealing(dataKey, backupId, name));
}

async function* inParts(frames: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  for await (const frame of frames) yield [frame];
}

/** One frame behind, since the last is sealed as such. */
async function* sealed(frames: AsyncIterable<Buffer>, sealing: Sealing): AsyncGenerator<readonly Buffer[]> {
  let held: Buffer | undefined;
  let index = 0;
  yield [SEALED_HEADER];
  for await (const frame of frames) {
    if (held !== undefined) {
      yield sealedParts(sealing, held, { index, last: false });
      index += 1;
    }
    held = frame;
  }
  yield sealedParts(sealing, held ?? Buffer.alloc(0), { index, last: true });
}

function sealedParts(sealing: Sealing, frame: Buffer, place: FramePlace): readonly Buffer[] {
  const parts = sealing.seal(frame, place);
  release(frame);
  return parts.map(owned);
}
