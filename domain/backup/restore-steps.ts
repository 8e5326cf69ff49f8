import type { ArchiveToc, TocEntry } from './archive-toc.ts';
import { planBuild } from './build-order.ts';
import type { BackupManifest, ManifestTable } from './manifest.ts';
import { statisticsTargets } from './statistics-steps.ts';

/** A piece of a restore that goes on beside others. */
export type RestoreWork =
  | { readonly kind: 'rows'; readonly table: ManifestTable }
  | { readonly kind: 'large-objects'; readonly list: string }
  | { readonly kind: 'definition'; readonly entry: TocEntry }
  | { readonly kind: 'statistics'; readonly schema: string; readonly name: string };

export interface RestoreStep {
  /** The same in every attempt. */
  readonly id: string;
  /** For messages: `rows of shop.orders`. */
  readonly name: string;
  readonly work: RestoreWork;
  readonly waitsFor: readonly string[];
  /** Whether it waits for the rows of all tables: a foreign key on a partitioned table looks into every partition. */
  readonly afterAllRows: boolean;
  /** What it locks, by number of the entry. */
  readonly tables: readonly number[];
  /** Whether it may go on beside another of the same table that says so too. */
  readonly shares: boolean;
  /** Bytes it has to read: the longest begin first. */
  readonly weight: number;
}

const rowsOf = (entry: number): string => `rows ${entry}`;
const definitionOf = (entry: number): string => `entry ${entry}`;

/**
 * The rows, large objects, indexes, constraints and statistics of a restore as steps for lanes, the heaviest in front. An index
 * begins when the rows of its table are in; statistics, which nothing waits for, when there is a lane with nothing else to do.
 */
export function planSteps(toc: ArchiveToc, manifest: BackupManifest, chosen: ReadonlySet<number>): RestoreStep[] {
  const byFile = new Map(toc.entries.filter(({ kind, file }) => kind === 'TABLE DATA' && file !== null).map((entry) => [entry.file!, entry]));
  const bytes = new Map(manifest.files.map((file) => [file.name, file.rawBytes]));
  const rows = manifest.tables.flatMap((table) => {
    const entry = table.file === null ? undefined : byFile.get(table.file);
    return entry === undefined || !chosen.has(entry.id) ? [] : [rowStep(table, entry, bytes.get(table.file!) ?? 0)];
  });
  const byTable = new Map(rows.flatMap((step) => step.tables.map((table) => [table, step])));
  const builds = planBuild(toc, chosen, (table) => byTable.get(table.id)?.weight ?? 0).map((build): RestoreStep => {
    const ownRows = build.tables.flatMap((table) => byTable.get(table) ?? []);
    return {
      id: definitionOf(build.entry.id),
      name: `${build.entry.kind.toLowerCase()} ${build.entry.schema}.${build.entry.tag}`,
      work: { kind: 'definition', entry: build.entry },
      waitsFor: [...build.waitsFor.map(definitionOf), ...ownRows.map(({ id }) => id)],
      afterAllRows: build.entry.kind === 'FK CONSTRAINT',
      tables: build.tables,
      shares: build.shares,
      weight: build.weight,
    };
  });
  const steps = [...rows, ...largeObjectSteps(toc, manifest, chosen), ...builds, ...statisticsSteps(toc, [...rows, ...builds])];
  return steps.toSorted((one, other) => other.weight - one.weight);
}

function rowStep(table: ManifestTable, entry: TocEntry, weight: number): RestoreStep {
  return { id: rowsOf(entry.id), name: `rows of ${table.schema}.${table.name}`, work: { kind: 'rows', table }, waitsFor: [], afterAllRows: false, tables: entry.needs, shares: false, weight };
}

/** pg_dump writes large objects in groups: a list, which belongs to an entry, and one file for each object. */
function largeObjectSteps({ entries }: ArchiveToc, manifest: BackupManifest, chosen: ReadonlySet<number>): RestoreStep[] {
  return entries
    .filter((entry) => entry.kind === 'BLOBS' && entry.file !== null && chosen.has(entry.id))
    .map((entry) => ({ id: `large objects ${entry.id}`, name: `large objects of ${entry.file}`, work: { kind: 'large-objects' as const, list: entry.file! }, waitsFor: [], afterAllRows: false, tables: [], shares: true, weight: manifest.largeObjects }));
}

/** The indexes come first: one on an expression has statistics of its own. */
function statisticsSteps(toc: ArchiveToc, steps: readonly RestoreStep[]): RestoreStep[] {
  const rows = steps.filter(({ work, weight }) => work.kind === 'rows' && weight > 0);
  const before = steps.filter(({ afterAllRows }) => !afterAllRows);
  const byTable = Map.groupBy(before.flatMap(({ id, tables }) => tables.map((table) => ({ id, table }))), ({ table }) => table);
  return statisticsTargets(toc, rows.flatMap(({ tables }) => tables)).map(({ table: { id, schema, tag }, tables }) => ({
    id: `statistics ${id}`,
    name: `statistics of ${schema}.${tag}`,
    work: { kind: 'statistics', schema: schema ?? '', name: tag },
    waitsFor: [...new Set(tables.flatMap((table) => byTable.get(table) ?? []).map((step) => step.id))],
    afterAllRows: false,
    tables,
    shares: false,
    weight: -1,
  }));
}

export interface LaneState {
  readonly done: ReadonlySet<string>;
  readonly going: readonly RestoreStep[];
}

/** The first step that may begin now. */
export function nextStep(waiting: readonly RestoreStep[], { done, going }: LaneState): RestoreStep | undefined {
  const free = (step: RestoreStep): boolean => going.every((other) => (step.shares && other.shares) || !other.tables.some((table) => step.tables.includes(table)));
  const isRows = ({ work }: RestoreStep): boolean => work.kind === 'rows';
  const rowsLeft = going.some(isRows) || waiting.some(isRows);
  return waiting.find((step) => !(step.afterAllRows && rowsLeft) && step.waitsFor.every((id) => done.has(id)) && free(step));
}
