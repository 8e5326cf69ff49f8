import { OperationError } from '../domain/errors.ts';
import { Passing } from './passing.ts';
import { checkObjectName, objectExists, objectMissing, type ObjectStore } from './object-store.ts';

/** A store within the process, for tests of what uses one. */
export function memoryStore(): ObjectStore {
  const objects = new Map<string, Buffer>();
  return {
    async put({ name, content, signal }) {
      checkObjectName(name);
      if (objects.has(name)) throw objectExists(name);
      const passing = new Passing();
      const pieces: Uint8Array[] = [];
      for await (const piece of passing.through(content)) {
        if (signal?.aborted === true) throw new OperationError('interrupted', `putting object ${name} was stopped`);
        pieces.push(Buffer.from(piece));
      }
      if (objects.has(name)) throw objectExists(name);
      objects.set(name, Buffer.concat(pieces));
      return { name, address: `memory:${name}`, ...passing.end() };
    },
    async *get(name) {
      await Promise.resolve();
      const content = objects.get(checkObjectName(name));
      if (content === undefined) throw objectMissing(name);
      yield content;
    },
    async *list(prefix) {
      await Promise.resolve();
      for (const name of [...objects.keys()].filter((one) => one.startsWith(prefix)).toSorted()) yield { name, bytes: objects.get(name)!.length };
    },
    async delete(name) {
      await Promise.resolve();
      objects.delete(checkObjectName(name));
    },
  };
}
