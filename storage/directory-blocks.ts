import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { createFile, errno, refused, stopped, UNFINISHED } from './directory-files.ts';
import type { BlockOrder, StagedBlock, WholeObject } from './object-store.ts';

/** Beside the object; the hash keeps the name of the folder short enough. */
const folderOf = (path: string): string => join(dirname(path), `${UNFINISHED}blocks-${createHash('sha256').update(basename(path)).digest('hex').slice(0, 32)}`);
const HALF = '.half';

export async function keptBlocks(path: string, name: string): Promise<ReadonlySet<string>> {
  const found = await readdir(folderOf(path)).catch((error: unknown) => (errno(error) === 'ENOENT' ? [] : refused(name)(error)));
  return new Set(found.filter((id) => !id.endsWith(HALF)));
}

/** Whole or not at all: a block of a killed worker must not look staged. */
export async function keepBlock(path: string, { name, id, content, signal }: StagedBlock): Promise<void> {
  if (signal?.aborted === true) throw stopped(name);
  const place = join(folderOf(path), blockName(id));
  try {
    await mkdir(dirname(place), { recursive: true });
    await writeFile(`${place}${HALF}`, content, { mode: 0o600, flush: true });
    await rename(`${place}${HALF}`, place);
  } catch (error) {
    refused(name)(error);
  }
}

export async function joinBlocks(path: string, { name, ids, signal }: BlockOrder): Promise<void> {
  if (signal?.aborted === true) throw stopped(name);
  await createFile(path, name, concatenation(path, ids), signal);
  await dropStaged(path);
}

export async function keepWhole(path: string, { name, content, signal }: WholeObject): Promise<void> {
  if (signal?.aborted === true) throw stopped(name);
  await createFile(path, name, onePiece(content), signal);
}

async function* onePiece(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(content);
}

async function* concatenation(path: string, ids: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const id of ids) for await (const piece of createReadStream(join(folderOf(path), blockName(id)), { highWaterMark: 1024 * 1024 })) yield piece as Buffer;
}

const dropStaged = async (path: string): Promise<void> => await rm(folderOf(path), { recursive: true, force: true });

function blockName(id: string): string {
  if (/^[\w-]{1,100}$/.test(id)) return id;
  throw new OperationError('bug', `"${id}" cannot be the id of a block`);
}
