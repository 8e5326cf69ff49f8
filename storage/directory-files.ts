import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { objectExists } from './object-store.ts';

/** Names of files that are still being written; a killed put leaves one, which nobody lists. */
export const UNFINISHED = '.being-put-';

/**
 * Written beside its place, flushed, and then linked into it: a link, unlike a rename, never replaces.
 *
 * Errors: `object_exists`, those of {@link refused}, and whatever the content throws.
 */
export async function createFile(path: string, name: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  const beside = join(dirname(path), `${UNFINISHED}${randomUUID()}`);
  try {
    if (await isThere(path)) throw objectExists(name);
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(beside, name, content, signal);
    await link(beside, path);
    await flushFolder(dirname(path));
  } catch (error) {
    // Who commits first removes the blocks that a second one still reads.
    if (errno(error) === 'EEXIST' || (errno(error) === 'ENOENT' && (await isThere(path)))) throw objectExists(name);
    refused(name)(error);
  } finally {
    await rm(beside, { force: true }).catch(() => undefined); // the reason is known already
  }
}

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;

async function writeWhole(path: string, name: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of content) {
    if (signal?.aborted === true) throw stopped(name);
    await writeAll(file, piece);
  }
  await file.sync();
}

/** One write may take less than it is given. */
async function writeAll(file: { write: (piece: Uint8Array) => Promise<{ bytesWritten: number }> }, piece: Uint8Array): Promise<void> {
  let left = piece;
  while (left.length > 0) left = left.subarray((await file.write(left)).bytesWritten);
}

/** A new name survives a loss of power only once its folder is flushed. */
async function flushFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

export const errno = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

export const stopped = (name: string): OperationError => new OperationError('interrupted', `the work on object ${name} was stopped`);

/** What the file system says, as `store_refused` or `store_failed`. Errors of the content's own maker stay what they are. */
export const refused = (name: string) => (error: unknown): never => {
  if (typeof (error as NodeJS.ErrnoException | null)?.syscall !== 'string') throw error;
  const code = errno(error);
  const fields = { detail: (error as Error).message, cause: error };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw new OperationError('store_refused', `the store may not be used for object ${name}`, { ...fields, hint: 'Give the account of the worker the right to write in that folder.' });
  throw new OperationError('store_failed', `the store failed with object ${name}`, fields);
};
