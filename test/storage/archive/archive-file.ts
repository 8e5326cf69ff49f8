import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import type { BackupCompression, FileKind, ManifestFile } from '../../../domain/backup/manifest.ts';
import { commitFile } from '../../../storage/archive/commit-file.ts';
import { type DataKey, newDataKey } from '../../../storage/archive/data-key.ts';
import { readFile } from '../../../storage/archive/read-file.ts';
import { type FileOrder, stageFile, type StagedFile } from '../../../storage/archive/stage-file.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';

export const BACKUP_ID = '20261120T020000Z-0123abcd';
export const PREFIX = `7310000000000000001/shop/${BACKUP_ID}/`;

/** What a test stores, and where. */
export interface Stored {
  readonly store: ObjectStore;
  readonly dataKey: DataKey | undefined;
  readonly staged: StagedFile;
}

export interface Content {
  readonly content: Buffer | AsyncIterable<Buffer>;
  readonly name?: string;
  readonly kind?: FileKind;
  readonly compression?: BackupCompression;
  /** Default: a new one. */
  readonly dataKey?: DataKey | null;
  readonly store?: ObjectStore;
  readonly signal?: AbortSignal;
  readonly onProgress?: FileOrder['onProgress'];
  readonly mayHold?: FileOrder['mayHold'];
}

/** In pieces as a file is read in. */
export const inReads = (content: Buffer, bytes = 65_536): AsyncIterable<Buffer> => Readable.from(Array.from({ length: Math.ceil(content.length / bytes) }, (_, index) => content.subarray(index * bytes, (index + 1) * bytes)));

export async function stage({ content, name = '3012.dat', kind = 'data', compression = 'zstd', dataKey = newDataKey(), store = memoryStore(), signal = new AbortController().signal, onProgress, mayHold }: Content): Promise<Stored> {
  const key = dataKey ?? undefined;
  const order = { store, prefix: PREFIX, backupId: BACKUP_ID, name, kind, content: Buffer.isBuffer(content) ? inReads(content) : content, compression, dataKey: key, signal };
  return { store, dataKey: key, staged: await stageFile({ ...order, ...(onProgress === undefined ? {} : { onProgress }), ...(mayHold === undefined ? {} : { mayHold }) }) };
}

export async function stageAndCommit(content: Content): Promise<Stored> {
  const stored = await stage(content);
  await commitFile(stored.store, PREFIX, stored.staged, new AbortController().signal);
  return stored;
}

/** Without the copies that `stream/consumers` makes by way of a Blob. */
export async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(piece);
  return Buffer.concat(found);
}

export const readBack = async ({ store, dataKey, staged }: Stored, file: ManifestFile = staged.file): Promise<Buffer> =>
  await joined(readFile({ store, prefix: PREFIX, backupId: BACKUP_ID, file, dataKey, signal: new AbortController().signal }));

/** Puts something else in the place of an object. */
export async function replace(store: ObjectStore, name: string, change: (content: Buffer) => Buffer): Promise<void> {
  const content = change(Buffer.from(await buffer(store.get(name))));
  await store.delete(name);
  await store.put({ name, content: Readable.from([content]) });
}
