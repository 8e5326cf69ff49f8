import type { Column } from './column-type.ts';
import { rowsCost, tableCost } from './cost.ts';

/** An index of a table, with everything needed to build it on the target. */
export interface IndexFacts {
  readonly name: string;
  /** `CREATE INDEX …`, as pg_get_indexdef gives it. */
  readonly definition: string;
  /** Bytes of the index on the source: the best guess of the work it takes. */
  readonly bytes: number;
  /** The constraint it stands for: attached with USING INDEX, or created whole when it cannot be attached. */
  readonly constraint?: { readonly name: string; readonly definition: string; readonly attachable: boolean };
  readonly isReplicaIdentity: boolean;
  readonly isClustered: boolean;
  /** How exactly ANALYZE is to look at its expressions, by the number of the column, where somebody has said so. */
  readonly statistics?: Readonly<Record<number, number>>;
}

/** A table to copy: a plain one, or a leaf of a partitioned one. */
export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  /** Heap and TOAST together (F: a small heap may have an enormous TOAST). */
  readonly bytes: number;
  /** 8 kB pages of the heap. */
  readonly blocks: number;
  readonly columns: readonly Column[];
  readonly indexes: readonly IndexFacts[];
}

/** One COPY: a table, or the rows of a table in a range of its pages. */
export interface CopyUnit {
  readonly unit: number;
  readonly table: number;
  readonly parcel: number;
  /** First page, and the page after the last; both absent for a whole table, `to` absent for the open end. */
  readonly from?: number;
  readonly to?: number;
  readonly bytes: number;
}

/** What one activity does: some small tables from copy to indexes, or one table, or one part of one. */
export interface Parcel {
  readonly parcel: number;
  readonly tables: number;
  readonly bytes: number;
  /** Of all that the activity does, as `cost.ts` counts. */
  readonly cost: number;
  readonly label: string;
  /** Set when the parcel is one large table or a part of it: its indexes are then work of their own. */
  readonly large?: number;
}

export interface CopyPlan {
  readonly units: readonly CopyUnit[];
  readonly parcels: readonly Parcel[];
}

export interface PlanOptions {
  /** Bytes above which a table is copied in parts. */
  readonly splitAbove: number;
  /** Whether the source reads a range of pages without scanning the rest (14 and later: TID range scan). */
  readonly canSplit: boolean;
  /** The first numbers to give, so that a later generation never repeats one. */
  readonly firstUnit?: number;
  readonly firstParcel?: number;
}

/** A parcel is one activity, three events of history: a few hundred serve any database. */
const WANTED_PARCELS = 200;
/** Less than this is done in less time than a step takes to be ordered and answered. */
const LEAST_PARCEL_BYTES = 32 * 2 ** 20;
/** Tables in one parcel; bounds what is repeated when a worker dies. */
const TABLES_PER_PARCEL = 250;
/** Below this a table is finished in one go, indexes and all. */
const LARGE_BYTES = 64 * 2 ** 20;

/**
 * Cuts the tables (their numbers are their places in the list) into units and parcels, biggest first.
 */
export function planCopy(tables: readonly { readonly table: number; readonly facts: TableFacts }[], options: PlanOptions): CopyPlan {
  const total = tables.reduce((sum, { facts }) => sum + facts.bytes, 0);
  const parcelBytes = Math.max(LEAST_PARCEL_BYTES, total / WANTED_PARCELS);
  const largeFrom = Math.max(LARGE_BYTES, parcelBytes);
  const partBytes = Math.max(options.splitAbove / 4, total / WANTED_PARCELS);
  const units: CopyUnit[] = [];
  const parcels: Parcel[] = [];
  let unit = options.firstUnit ?? 1;
  let parcel = options.firstParcel ?? 1;

  const ordered = tables.toSorted((a, b) => b.facts.bytes - a.facts.bytes || a.table - b.table);
  const large = ordered.filter(({ facts }) => facts.bytes >= largeFrom);
  for (const { table, facts } of large) {
    const label = `${facts.schema}.${facts.name}`;
    const split = options.canSplit && facts.bytes > options.splitAbove && facts.blocks > 1;
    const parts = split ? Math.max(2, Math.min(Math.ceil(facts.bytes / partBytes), facts.blocks)) : 1;
    for (let part = 0; part < parts; part += 1) {
      const bytes = facts.bytes / parts;
      const range = parts === 1 ? {} : pageRange(facts.blocks, part, parts);
      units.push({ unit, table, parcel, bytes, ...range });
      parcels.push({ parcel, tables: 1, bytes, cost: Math.round(rowsCost(facts) / parts), large: table, label: parts === 1 ? label : `${label} ${part + 1}/${parts}` });
      unit += 1;
      parcel += 1;
    }
  }

  for (const batch of batches(ordered.slice(large.length), parcelBytes)) {
    for (const { table, facts } of batch) {
      units.push({ unit, table, parcel, bytes: facts.bytes });
      unit += 1;
    }
    const first = batch[0];
    const name = first === undefined ? '' : `${first.facts.schema}.${first.facts.name}`;
    const bytes = batch.reduce((sum, { facts }) => sum + facts.bytes, 0);
    const cost = Math.round(batch.reduce((sum, { facts }) => sum + tableCost(facts), 0));
    parcels.push({ parcel, tables: batch.length, bytes, cost, label: batch.length === 1 ? name : `${name} and ${batch.length - 1} more` });
    parcel += 1;
  }
  return { units, parcels };
}

/** The last range is open: pages added since the plan was made belong to it. */
function pageRange(blocks: number, part: number, parts: number): { from: number; to?: number } {
  const from = Math.floor((blocks * part) / parts);
  return part === parts - 1 ? { from } : { from, to: Math.floor((blocks * (part + 1)) / parts) };
}

function batches<T extends { readonly facts: TableFacts }>(tables: readonly T[], bytes: number): T[][] {
  const result: T[][] = [];
  let current: T[] = [];
  let size = 0;
  for (const table of tables) {
    if (current.length > 0 && (size + table.facts.bytes > bytes || current.length >= TABLES_PER_PARCEL)) {
      result.push(current);
      current = [];
      size = 0;
    }
    current.push(table);
    size += table.facts.bytes;
  }
  if (current.length > 0) result.push(current);
  return result;
}
