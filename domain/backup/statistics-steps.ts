import type { ArchiveToc, TocEntry } from './archive-toc.ts';

/** A table whose statistics are collected at once. */
export interface StatisticsTarget {
  readonly table: TocEntry;
  /** Entries of all tables that are read for it: itself, and the partitions below it. */
  readonly tables: readonly number[];
}

/**
 * What is analysed once the rows of `filled` are in and their indexes are there: each table, and a partitioned one as a whole,
 * since ANALYZE of it goes through its partitions as well.
 */
export function statisticsTargets({ entries }: ArchiveToc, filled: readonly number[]): StatisticsTarget[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const parents = parentsOf(entries, byId);
  const rootOf = (table: number): number => {
    let root = table;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  return [...Map.groupBy(filled, rootOf)].flatMap(([root, tables]) => {
    const table = byId.get(root);
    return table?.kind === 'TABLE' ? [{ table, tables: [...new Set([root, ...tables])] }] : [];
  });
}

/** pg_dump makes partitions as tables of their own and attaches them; the entry for that needs both. */
function parentsOf(entries: readonly TocEntry[], byId: ReadonlyMap<number, TocEntry>): Map<number, number> {
  const attached = entries.filter(({ kind }) => kind === 'TABLE ATTACH').flatMap(({ needs, schema, tag }) => {
    const both = needs.filter((need) => byId.get(need)?.kind === 'TABLE');
    const child = both.find((need) => byId.get(need)?.schema === schema && byId.get(need)?.tag === tag);
    const parent = both.find((need) => need !== child);
    return child === undefined || parent === undefined ? [] : [[child, parent] as const];
  });
  return new Map(attached);
}
