import type { ObjectStore } from './object-store.ts';

/** What is asked for at once, and how much of it may be under way or wait in memory. */
const RANGE_BYTES = 4 * 1024 * 1024;
const RANGES = 2;

/**
 * The same store, that reads objects of a known size in ranges, some of them ahead: one connection to a blob store carries less
 * than a restore can take. Small objects, and those of unknown size, come as they always do.
 */
export function aheadOf(store: ObjectStore, sizes: Readonly<Record<string, number>>): ObjectStore {
  return {
    ...store,
    get: (name, range, signal) => {
      const bytes = sizes[name];
      return range !== undefined || bytes === undefined || bytes <= RANGE_BYTES ? store.get(name, range, signal) : readAhead(store, { name, bytes, signal });
    },
  };
}

async function* readAhead(store: ObjectStore, { name, bytes, signal }: { name: string; bytes: number; signal: AbortSignal | undefined }): AsyncGenerator<Uint8Array> {
  const coming: Promise<Uint8Array[]>[] = [];
  let asked = 0;
  const ask = (): void => {
    const range = { offset: asked, bytes: Math.min(RANGE_BYTES, bytes - asked) };
    asked += range.bytes;
    const pieces = all(store.get(name, range, signal));
    pieces.catch(() => undefined); // told when it is its turn, or to nobody when the reader has gone
    coming.push(pieces);
  };
  while (asked < bytes && coming.length < RANGES) ask();
  for (let next = coming.shift(); next !== undefined; next = coming.shift()) {
    const pieces = await next;
    if (asked < bytes) ask();
    yield* pieces;
  }
  // An object that has grown is not the one that was written: its reader is to see what is too much of it.
  yield* store.get(name, { offset: bytes, bytes: 1 }, signal);
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}
