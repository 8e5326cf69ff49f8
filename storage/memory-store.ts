import { buffer } from 'node:stream/consumers';

import { OperationError } from '../domain/errors.ts';
import { Passing } from './passing.ts';
import { checkObjectName, objectExists, objectMissing, type ObjectFacts, type ObjectStore } from './object-store.ts';

interface Kept extends ObjectFacts {
  readonly content: Buffer;
}

const kept = (content: Buffer, sha256: string | null): Kept => ({ content, bytes: content.length, sha256, modifiedAt: new Date().toISOString() });

/** A store within the process, for tests of what uses one. */
export function memoryStore(): ObjectStore {
  const objects = new Map<string, Kept>();
  const staged = new Map<string, Map<string, Buffer>>();
  const blocksOf = (name: string): Map<string, Buffer> => staged.get(checkObjectName(name)) ?? new Map<string, Buffer>();
  const create = (name: string, object: Kept): void => {
    if (objects.has(name)) throw objectExists(name);
    objects.set(name, object);
    staged.delete(name);
  };
  return {
    async put({ name, content, signal }) {
      checkObjectName(name);
      if (objects.has(name)) throw objectExists(name);
      const passing = new Passing();
      const whole = await buffer(untilStopped(passing.through(content), name, signal));
      create(name, kept(whole, null));
      return { name, address: `memory:${name}`, ...passing.end() };
    },
    async *get(name, range, signal) {
      await Promise.resolve();
      const object = objects.get(checkObjectName(name));
      if (object === undefined) throw objectMissing(name);
      if (signal?.aborted === true) throw stopped(name);
      yield range === undefined ? object.content : object.content.subarray(range.offset, range.offset + range.bytes);
    },
    async *list(prefix) {
      await Promise.resolve();
      for (const name of [...objects.keys()].filter((one) => one.startsWith(prefix)).toSorted()) {
        const { bytes, modifiedAt } = objects.get(name)!;
        yield { name, bytes, modifiedAt };
      }
    },
    async delete(name) {
      await Promise.resolve();
      objects.delete(checkObjectName(name));
    },
    stagedBlocks: async (name) => await Promise.resolve(new Set(blocksOf(name).keys())),
    async stageBlock({ name, id, content, signal }) {
      await Promise.resolve();
      if (signal?.aborted === true) throw stopped(name);
      staged.set(name, blocksOf(name).set(id, Buffer.from(content)));
    },
    async commitBlocks({ name, ids, sha256, signal }) {
      await Promise.resolve();
      if (signal?.aborted === true) throw stopped(name);
      const blocks = ids.map((id) => blocksOf(name).get(id));
      if (objects.has(name)) throw objectExists(name);
      if (blocks.includes(undefined)) throw new OperationError('store_failed', `the store failed with object ${name}`, { detail: 'A block of it is not staged.' });
      create(name, kept(Buffer.concat(blocks as Buffer[]), sha256));
    },
    async putWhole({ name, content, sha256, signal }) {
      await Promise.resolve();
      if (signal?.aborted === true) throw stopped(name);
      create(checkObjectName(name), kept(Buffer.from(content), sha256));
    },
    async abandonStaged(prefix) {
      await Promise.resolve();
      for (const name of [...staged.keys()].filter((one) => one.startsWith(prefix))) staged.delete(name);
    },
    async stat(name) {
      await Promise.resolve();
      const object = objects.get(checkObjectName(name));
      return object && { bytes: object.bytes, sha256: object.sha256, modifiedAt: object.modifiedAt };
    },
    async deleteMany(names) {
      for (const name of names) await this.delete(name);
    },
  };
}

const stopped = (name: string): OperationError => new OperationError('interrupted', `the work on object ${name} was stopped`);

async function* untilStopped(content: AsyncIterable<Uint8Array>, name: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    if (signal?.aborted === true) throw stopped(name);
    yield Buffer.from(piece);
  }
}
