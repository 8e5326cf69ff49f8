import type { ArchiveToc, TocEntry } from './archive-toc.ts';
import { tablesOf } from './choose-entries.ts';

/** One index or constraint, to be built when those it waits for are there. */
export interface BuildStep {
  readonly entry: TocEntry;
  readonly waitsFor: readonly number[];
  /** Entries of the tables that it locks. */
  readonly tables: readonly number[];
  /** Two builds of indexes on one table do not stand in each other's way; anything else does. */
  readonly shares: boolean;
  /** Bytes of the rows it has to read: the longest begin first. */
  readonly weight: number;
}

const BUILT_IN_LANES = new Set(['INDEX', 'INDEX ATTACH', 'CONSTRAINT', 'FK CONSTRAINT']);

/**
 * The indexes and constraints among the chosen entries that can be built in lanes: those that need nothing that comes after
 * the rows but one another. What is left (triggers, views over keys, indexes of such views) keeps pg_restore's order.
 */
export function planBuild({ entries }: ArchiveToc, chosen: ReadonlySet<number>, bytesOf: (table: TocEntry) => number): BuildStep[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const able = new Map<number, boolean>();
  const canGo = (entry: TocEntry): boolean => {
    const known = able.get(entry.id);
    if (known !== undefined) return known;
    able.set(entry.id, false); // a circle, which pg_dump breaks, would be no lane's
    const answer = BUILT_IN_LANES.has(entry.kind) && entry.needs.every((need) => isEarly(byId.get(need), canGo));
    able.set(entry.id, answer);
    return answer;
  };
  return entries
    .filter((entry) => entry.section === 'post-data' && chosen.has(entry.id) && canGo(entry))
    .map((entry) => {
      const tables = tablesOf(entry, byId);
      const weight = tables.reduce((sum, id) => sum + bytesOf(byId.get(id)!), 0);
      return { entry, waitsFor: entry.needs.filter((need) => byId.get(need)?.section === 'post-data'), tables, shares: entry.kind === 'INDEX', weight };
    });
}

const isEarly = (needed: TocEntry | undefined, canGo: (entry: TocEntry) => boolean): boolean => needed === undefined || needed.section !== 'post-data' || canGo(needed);
