import { type BedWish, type MigrationBed, migrationBed } from './migration-bed.ts';

/** Beds for tests that run at the same time: each has one to itself, since workers of one bed would take each other's work. */
export interface BedPool extends AsyncDisposable {
  /** Waits for a free bed, and lends it. */
  use<T>(work: (bed: MigrationBed) => Promise<T>): Promise<T>;
}

/** Two at once is what the machine's two cores carry; most of a test is waiting for time-outs. */
export function bedPool(wish: BedWish = {}, size = 2): BedPool {
  const made: Promise<MigrationBed>[] = [];
  const free: Promise<MigrationBed>[] = [];
  const waiting: ((bed: Promise<MigrationBed>) => void)[] = [];
  const take = (): Promise<MigrationBed> => {
    const idle = free.pop();
    if (idle !== undefined) return idle;
    if (made.length >= size) return new Promise((resolve) => waiting.push(resolve));
    const bed = migrationBed(wish);
    made.push(bed);
    return bed;
  };
  return {
    use: async (work) => {
      const bed = await take();
      try {
        return await work(bed);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(Promise.resolve(bed));
        else next(Promise.resolve(bed));
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(made.map((bed) => bed.then((one) => one[Symbol.asyncDispose]())));
    },
  };
}
