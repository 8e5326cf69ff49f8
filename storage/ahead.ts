import { Buffers } from './archive/buffers.ts';
import type { ObjectStore } from './object-store.ts';

/** What is asked for at once, and how much of it may be under way or wait in memory. */
const RANGE_BYTES = 4 * 1024 * 1024;
const RANGES = 2;

/** Ranges land in the same memory again and again: what a connection gives is copied there at once, and is garbage while it is young. */
const rooms = new Buffers(RANGE_BYTES, 8);

/**
 * The same store, that reads objects of a known size in ranges, some of them ahead: one connection to a blob store carries less
 * than a restore can take. Small objects, and those of unknown size, come as they always do. Each piece is good until the next
 * is asked for.
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
  const coming: Promise<Buffer>[] = [];
  let asked = 0;
  const ask = (): void => {
    const range = { offset: asked, bytes: Math.min(RANGE_BYTES, bytes - asked) };
    asked += range.bytes;
    const whole = gather(store.get(name, range, signal));
    whole.catch(() => undefined); // told when it is its turn, or to nobody when the reader has gone
    coming.push(whole);
  };
  while (asked < bytes && coming.length < RANGES) ask();
  try {
    for (let next = coming.shift(); next !== undefined; next = coming.shift()) {
      const range = await next;
      if (asked < bytes) ask();
      yield range;
      rooms.giveBack(range);
    }
    // An object that has grown is not the one that was written: its reader is to see what is too much of it.
    yield* store.get(name, { offset: bytes, bytes: 1 }, signal);
  } finally {
    for (const late of coming) void late.then((range) => rooms.giveBack(range), () => undefined);
  }
}

/** All pieces of a range in one. A store gives no more than it is asked for. */
async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const room = rooms.take();
  let filled = 0;
  for await (const piece of pieces) {
    room.set(piece, filled);
    filled += piece.length;
  }
  return room.subarray(0, filled);
}
