import type { ArchiveToc, TocEntry } from './archive-toc.ts';

/** What of a database is wanted; empty lists: all of it. */
export interface Selection {
  readonly schemas: readonly string[];
  /** `schema.name`, without quotes. */
  readonly tables: readonly string[];
}

export interface ChosenEntries {
  readonly ids: ReadonlySet<number>;
  /** Foreign keys of chosen tables to tables that were not chosen, in words. */
  readonly leftOut: readonly string[];
  /** Names that are not in the archive, in words. */
  readonly unknown: readonly string[];
}

export const isWhole = ({ schemas, tables }: Selection): boolean => schemas.length === 0 && tables.length === 0;

const TABLES = new Set(['TABLE', 'FOREIGN TABLE', 'MATERIALIZED VIEW', 'VIEW']);
/** What belongs to a table and comes along with it. */
const OF_A_TABLE = new Set([
  'ACL', 'CHECK CONSTRAINT', 'COMMENT', 'CONSTRAINT', 'DEFAULT', 'FK CONSTRAINT', 'INDEX', 'INDEX ATTACH', 'MATERIALIZED VIEW DATA', 'POLICY', 'ROW SECURITY', 'RULE',
  'SECURITY LABEL', 'SEQUENCE', 'SEQUENCE OWNED BY', 'SEQUENCE SET', 'STATISTICS', 'TABLE ATTACH', 'TABLE DATA', 'TRIGGER',
]);
/** Belong to the archive, not to an object. */
const ALWAYS = new Set(['ENCODING', 'STDSTRINGS', 'SEARCHPATH']);
const LARGE_OBJECTS = new Set(['BLOB', 'BLOBS', 'BLOB METADATA', 'BLOB COMMENTS']);

/**
 * The entries of chosen schemas and tables with all that they need (types, functions, extensions, parents) and all that belongs
 * to them (rows, indexes, triggers, grants). pg_restore's own `--table` brings neither. Of what is only needed, no rows come.
 */
export function chooseEntries({ entries }: ArchiveToc, selection: Selection): ChosenEntries {
  if (isWhole(selection)) return { ids: new Set(entries.map(({ id }) => id)), leftOut: [], unknown: [] };
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const wanted = entries.filter((entry) => isWanted(entry, selection));
  const own = new Set(wanted.map(({ id }) => id));
  const ids = new Set<number>(entries.filter(({ kind }) => ALWAYS.has(kind)).map(({ id }) => id));
  for (const { id } of wanted) addWithNeeds(id, byId, ids);
  const leftOut: string[] = [];
  for (let grown = true; grown; ) {
    grown = false;
    for (const entry of entries) {
      if (ids.has(entry.id) || !OF_A_TABLE.has(entry.kind) || !entry.needs.some((need) => own.has(need))) continue;
      if (!tablesOf(entry, byId).every((table) => ids.has(table))) continue;
      own.add(entry.id);
      addWithNeeds(entry.id, byId, ids);
      grown = true;
    }
  }
  for (const entry of entries) {
    if (entry.kind === 'FK CONSTRAINT' && !ids.has(entry.id) && entry.needs.some((need) => own.has(need))) leftOut.push(`foreign key ${entry.tag} of schema ${entry.schema}, since the table it refers to was not chosen`);
  }
  return { ids, leftOut, unknown: unknownNames(entries, selection) };
}

function isWanted(entry: TocEntry, { schemas, tables }: Selection): boolean {
  if (LARGE_OBJECTS.has(entry.kind)) return false;
  if (entry.kind === 'SCHEMA') return schemas.includes(entry.tag);
  // A foreign key of a chosen schema to another one comes only when what it refers to does.
  if (entry.schema !== null && schemas.includes(entry.schema)) return entry.kind !== 'FK CONSTRAINT';
  return TABLES.has(entry.kind) && tables.includes(`${entry.schema}.${entry.tag}`);
}

function addWithNeeds(id: number, byId: ReadonlyMap<number, TocEntry>, into: Set<number>): void {
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const entry = byId.get(next);
    if (entry === undefined || into.has(next)) continue;
    into.add(next);
    open.push(...entry.needs);
  }
}

/** The tables that an entry is about, itself or by the index or constraint it refers to. */
export function tablesOf(entry: TocEntry, byId: ReadonlyMap<number, TocEntry>): number[] {
  const found = entry.needs.flatMap((need) => {
    const needed = byId.get(need);
    if (needed === undefined) return [];
    if (TABLES.has(needed.kind)) return [need];
    return needed.kind === 'CONSTRAINT' || needed.kind === 'INDEX' || needed.kind === 'INDEX ATTACH' ? tablesOf(needed, byId) : [];
  });
  return [...new Set(found)];
}

function unknownNames(entries: readonly TocEntry[], { schemas, tables }: Selection): string[] {
  const schema = (name: string): boolean => entries.some((entry) => entry.schema === name || (entry.kind === 'SCHEMA' && entry.tag === name));
  const table = (name: string): boolean => entries.some((entry) => TABLES.has(entry.kind) && `${entry.schema}.${entry.tag}` === name);
  return [...schemas.filter((name) => !schema(name)).map((name) => `schema ${name}`), ...tables.filter((name) => !table(name)).map((name) => `table ${name}`)];
}
