export interface DumpScale {
  /** Tables that the dump locks, and how many locks the server has room for. */
  readonly lockedTables: number;
  readonly lockSlots: number;
  readonly largeObjects: number;
}

/** Each large object is a file of its own in the archive and an object in the store. */
const MANY_LARGE_OBJECTS = 20_000;

/** What may go wrong with a database of this size, in full sentences (B15). */
export function dumpWarnings({ lockedTables, lockSlots, largeObjects }: DumpScale): string[] {
  return [
    ...(lockedTables > lockSlots ? [`The dump locks ${lockedTables} tables at once, and the server has room for about ${lockSlots} locks: raise max_locks_per_transaction.`] : []),
    ...(largeObjects > MANY_LARGE_OBJECTS ? [`There are ${largeObjects} large objects, each of which becomes an object in the store.`] : []),
  ];
}
