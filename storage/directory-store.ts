import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { Passing } from './passing.ts';
import { checkObjectName, objectExists, objectMissing, type ObjectStore, type PutObject, type PutReceipt } from './object-store.ts';

/** Names of files that are still being written; a killed put leaves one, which nobody lists. */
const UNFINISHED = '.being-put-';

/** A store in a folder of this machine (or one that is mounted), which is made when it is missing. */
export function directoryStore(folder: string): ObjectStore {
  const pathOf = (name: string): string => join(folder, ...checkObjectName(name).split('/'));
  return {
    put: async (object) => await putFile(pathOf(object.name), object),
    get: (name) => readPieces(pathOf(name), name),
    list: (prefix) => listFiles(folder, prefix),
    delete: async (name) => await rm(pathOf(name), { force: true }).catch(refused(name)),
  };
}

/** Written beside its place, flushed, and then linked into it: a link, unlike a rename, never replaces. */
async function putFile(path: string, { name, content, signal }: PutObject): Promise<PutReceipt> {
  const beside = join(dirname(path), `${UNFINISHED}${randomUUID()}`);
  try {
    if ((await stat(path).catch(() => undefined)) !== undefined) throw objectExists(name);
    await mkdir(dirname(path), { recursive: true });
    const written = await writeWhole(beside, { name, content, ...(signal === undefined ? {} : { signal }) });
    await link(beside, path);
    return { name, address: path, ...written };
  } catch (error) {
    if (errno(error) === 'EEXIST') throw objectExists(name);
    return refused(name)(error);
  } finally {
    await rm(beside, { force: true }).catch(() => undefined); // the reason is known already
  }
}

async function writeWhole(path: string, { name, content, signal }: PutObject): Promise<{ bytes: number; sha256: string }> {
  const passing = new Passing();
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of passing.through(content)) {
    if (signal?.aborted === true) throw new OperationError('interrupted', `putting object ${name} was stopped`);
    await file.write(piece);
  }
  await file.sync();
  return passing.end();
}

async function* readPieces(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path)) yield piece as Buffer;
  } catch (error) {
    if (errno(error) === 'ENOENT') throw objectMissing(name);
    refused(name)(error);
  }
}

async function* listFiles(folder: string, prefix: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => (errno(error) === 'ENOENT' ? [] : refused(prefix)(error)));
  const paths = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(UNFINISHED)).map((entry) => join(entry.parentPath, entry.name));
  const names = paths.map((path) => relative(folder, path).split(sep).join('/')).filter((name) => name.startsWith(prefix));
  for (const name of names.toSorted()) yield { name, bytes: (await stat(join(folder, name))).size };
}

const errno = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

/** Errors of the content's own maker stay what they are. */
const refused = (name: string) => (error: unknown): never => {
  if (typeof (error as NodeJS.ErrnoException | null)?.syscall !== 'string') throw error;
  const code = errno(error);
  const fields = { detail: (error as Error).message, cause: error };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw new OperationError('store_refused', `the store may not be used for object ${name}`, { ...fields, hint: 'Give the account of the worker the right to write in that folder.' });
  throw new OperationError('store_failed', `the store failed with object ${name}`, fields);
};
