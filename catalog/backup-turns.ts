import type { Catalog } from './open-catalog.ts';

/** Runs `work` while nobody else, on whatever machine, does so for the same backup; who comes second waits. */
export async function aloneWithBackup<T>(catalog: Catalog, backupId: string, work: () => Promise<T>): Promise<T> {
  return await catalog.turns.transaction(async (session) => {
    await session.execute(`SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgconvoy backup ' || $1, 0))`, [backupId]);
    return await work();
  });
}
