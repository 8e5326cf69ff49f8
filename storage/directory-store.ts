import { createReadStream } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { joinBlocks, keepBlock, keepWhole, keptBlocks } from './directory-blocks.ts';
import { createFile, errno, refused, stopped, UNFINISHED } from './directory-files.ts';
import { Passing } from './passing.ts';
import { checkObjectName, objectMissing, type ByteRange, type ObjectFacts, type ObjectStore, type PutObject, type PutReceipt } from './object-store.ts';

/** A store in a folder of this machine (or one that is mounted), which is made when it is missing. */
export function directoryStore(folder: string): ObjectStore {
  const pathOf = (name: string): string => join(folder, ...checkObjectName(name).split('/'));
  const remove = async (name: string): Promise<void> => {
    await rm(pathOf(name), { force: true }).catch(refused(name));
  };
  return {
    put: async (object) => await putFile(pathOf(object.name), object),
    get: (name, range, signal) => readPieces(pathOf(name), name, range, signal),
    list: (prefix) => listFiles(folder, prefix),
    delete: remove,
    stagedBlocks: async (name) => await keptBlocks(pathOf(name), name),
    stageBlock: async (block) => await keepBlock(pathOf(block.name), block),
    commitBlocks: async (order) => await joinBlocks(pathOf(order.name), order),
    putWhole: async (object) => await keepWhole(pathOf(object.name), object),
    abandonStaged: async (prefix) => await dropUnfinished(folder, prefix),
    stat: async (name) => await factsOf(pathOf(name), name),
    deleteMany: async (names) => {
      for (const name of names) await remove(name);
      await removeEmptyFolders(folder, names.map(pathOf));
    },
  };
}

/** Folders that the files lay in, as far as nothing is left in them. */
async function removeEmptyFolders(root: string, paths: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  for (const path of paths) for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) folders.add(folder);
  for (const folder of [...folders].toSorted((left, right) => right.length - left.length)) await rmdir(folder).catch(() => undefined);
}

async function putFile(path: string, { name, content, signal }: PutObject): Promise<PutReceipt> {
  const passing = new Passing();
  await createFile(path, name, passing.through(content), signal);
  return { name, address: path, ...passing.end() };
}

async function* readPieces(path: string, name: string, range?: ByteRange, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (range?.bytes === 0) return;
  const part = range === undefined ? {} : { start: range.offset, end: range.offset + range.bytes - 1 };
  try {
    for await (const piece of createReadStream(path, { ...part, highWaterMark: 1024 * 1024 })) {
      if (signal?.aborted === true) throw stopped(name);
      yield piece as Buffer;
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') throw objectMissing(name);
    refused(name)(error);
  }
}

/** A folder keeps no hash beside a file. */
async function factsOf(path: string, name: string): Promise<ObjectFacts | undefined> {
  const found = await stat(path).catch((error: unknown) => (errno(error) === 'ENOENT' ? undefined : refused(name)(error)));
  return found?.isFile() === true ? { bytes: found.size, sha256: null, modifiedAt: found.mtime.toISOString() } : undefined;
}

async function* listFiles(folder: string, prefix: string) {
  for (const name of (await filesBelow(folder, prefix)).filter((one) => !one.includes(UNFINISHED)).toSorted()) {
    const facts = await factsOf(join(folder, name), name);
    if (facts !== undefined) yield { name, bytes: facts.bytes, modifiedAt: facts.modifiedAt }; // it may be gone by now
  }
}

/** Only the folder that the prefix leads into is walked through. */
async function filesBelow(folder: string, prefix: string): Promise<string[]> {
  const start = join(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1));
  const entries = await readdir(start, { recursive: true, withFileTypes: true }).catch((error: unknown) => (errno(error) === 'ENOENT' ? [] : refused(prefix)(error)));
  const names = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return names.filter((name) => name.startsWith(prefix));
}

async function dropUnfinished(folder: string, prefix: string): Promise<void> {
  for (const name of await filesBelow(folder, prefix)) if (name.includes(UNFINISHED)) await rm(join(folder, name), { force: true }).catch(refused(name));
}
