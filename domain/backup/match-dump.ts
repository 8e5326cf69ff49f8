import type { ArchiveToc } from './archive-toc.ts';
import type { ManifestTable } from './manifest.ts';

/** A table as the catalog of the source had it under the snapshot of the dump. */
export interface SourceTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** In the order of the dump. */
  readonly columns: readonly string[];
  /** False for foreign tables, and for unlogged ones on a standby. */
  readonly dumped: boolean;
}

/** What was read of a file of the archive. */
export interface ReadFile {
  readonly contentSha256: string | null;
  readonly lines: number;
}

export interface DumpWitnesses {
  readonly tables: readonly SourceTable[];
  /** By OID, counted by the server. */
  readonly rows: ReadonlyMap<number, number>;
  readonly largeObjects: number;
  readonly toc: ArchiveToc;
  /** By name. */
  readonly files: ReadonlyMap<string, ReadFile>;
}

export interface MatchedDump {
  readonly tables: readonly ManifestTable[];
  /** In full sentences; with any, the dump is not kept. */
  readonly problems: readonly string[];
}

/**
 * Holds what pg_dump wrote against what the server says for itself: the same tables, as many rows in each, as many large
 * objects (B11). pg_dump's own word, an exit code of 0, is not enough.
 */
export function matchDump({ tables, rows, largeObjects, toc, files }: DumpWitnesses): MatchedDump {
  const problems: string[] = [];
  const fileOf = new Map(toc.entries.filter(({ kind }) => kind === 'TABLE DATA').map(({ object, file }) => [object, file]));
  const matched = tables.map((table): ManifestTable => {
    const name = `${table.schema}.${table.name}`;
    const { schema, columns } = table;
    if (!table.dumped) return { schema, name: table.name, file: null, columns, rows: 0, contentSha256: null };
    const file = fileOf.get(table.oid) ?? null;
    const read = file === null ? undefined : files.get(file);
    const counted = rows.get(table.oid) ?? -1;
    if (file === null || read === undefined) problems.push(`Table ${name} is not in the dump.`);
    else if (read.contentSha256 === null) problems.push(`File ${file} of table ${name} does not end as the rows of a table do.`);
    else if (read.lines !== counted) problems.push(`Table ${name} has ${counted} rows, and its file ${file} has ${read.lines}.`);
    return { schema, name: table.name, file, columns, rows: counted, contentSha256: read?.contentSha256 ?? null };
  });
  const known = new Set(tables.filter(({ dumped }) => dumped).map(({ oid }) => oid));
  for (const { object, schema, tag } of toc.entries.filter(({ kind }) => kind === 'TABLE DATA')) if (!known.has(object)) problems.push(`The dump has table ${schema}.${tag}, which the catalog does not know.`);
  const objects = [...files.keys()].filter((name) => /^blob_\d+\.dat$/.test(name)).length;
  if (objects !== largeObjects) problems.push(`The database has ${largeObjects} large objects, and the dump ${objects}.`);
  return { tables: matched, problems };
}
