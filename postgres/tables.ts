import type { Column } from '../domain/copy/column-type.ts';
import type { IndexFacts, TableFacts } from '../domain/copy/plan.ts';
import { inScope, type Scope } from '../domain/copy/scope.ts';
import { readColumnTypes } from './column-types.ts';
import type { Session } from './connection.ts';

/** The prefix of every schema, slot, publication, subscription and role that we create. */
export const OUR_PREFIX = 'pgconvoy_';

/** Schemas that are never an application's; `n` is pg_namespace in the query around it. */
export const NOT_SYSTEM_SCHEMA = String.raw`n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(temp|toast_temp)_' AND n.nspname NOT LIKE '${OUR_PREFIX.replaceAll('_', String.raw`\_`)}%'`;

/** No object of an extension: CREATE EXTENSION makes those. */
const NOT_OF_EXTENSION = `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/** A table with what the plan needs and what stays on the source. */
export interface SourceTable extends TableFacts {
  readonly oid: number;
  /** `p` permanent, `u` unlogged. */
  readonly persistence: 'p' | 'u';
  /** Whether UPDATE and DELETE can be addressed to a row: a key, a chosen index, or FULL. */
  readonly hasIdentity: boolean;
}

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly persistence: 'p' | 'u';
  readonly bytes: number;
  readonly blocks: number;
  readonly has_identity: boolean;
  readonly columns: { name: string; type: number; generated: boolean }[] | null;
}

/** Every table with rows of its own: plain tables, inheritance parents and children, leaves of partitioned tables. */
export async function listTables(session: Session, scope: Scope): Promise<SourceTable[]> {
  const typeOf = await readColumnTypes(session);
  const indexes = await readIndexes(session);
  const rows = await session.rows<TableRow>(`
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relpersistence AS persistence,
           pg_catalog.pg_table_size(c.oid) AS bytes,
           pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int AS blocks,
           CASE c.relreplident
             WHEN 'd' THEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate AND i.indisvalid)
             WHEN 'i' THEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident AND i.indisvalid)
             WHEN 'f' THEN true
             ELSE false
           END AS has_identity,
           (SELECT json_agg(json_build_object('name', a.attname, 'type', a.atttypid::bigint, 'generated', ${session.major >= 12 ? `a.attgenerated <> ''` : 'false'}) ORDER BY a.attnum)
              FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${NOT_SYSTEM_SCHEMA} AND ${NOT_OF_EXTENSION}
     ORDER BY n.nspname, c.relname`);
  return rows
    .filter((row) => inScope(scope, row.schema, row.name))
    .map((row) => ({
      oid: row.oid,
      schema: row.schema,
      name: row.name,
      persistence: row.persistence,
      bytes: row.bytes,
      blocks: row.blocks,
      hasIdentity: row.has_identity,
      columns: (row.columns ?? []).map((column): Column => ({ name: column.name, type: typeOf(column.type), generated: column.generated })),
      indexes: indexes.get(row.oid) ?? [],
    }));
}

interface IndexRow {
  readonly table: number;
  readonly name: string;
  readonly definition: string;
  readonly bytes: number;
  readonly is_replica_identity: boolean;
  readonly is_clustered: boolean;
  readonly constraint: { name: string; definition: string; attachable: boolean } | null;
  readonly statistics: Readonly<Record<number, number>> | null;
}

/** Valid indexes of all tables by table OID; an invalid one is not worth carrying over, and pg_dump leaves it out too. */
async function readIndexes(session: Session): Promise<Map<number, IndexFacts[]>> {
  const rows = await session.rows<IndexRow>(`
    SELECT i.indrelid AS table, c.relname AS name, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
           pg_catalog.pg_relation_size(i.indexrelid) AS bytes, i.indisreplident AS is_replica_identity, i.indisclustered AS is_clustered,
           CASE WHEN k.oid IS NULL THEN NULL ELSE
             json_build_object('name', k.conname, 'definition', pg_catalog.pg_get_constraintdef(k.oid),
                               'attachable', k.contype IN ('p', 'u') AND m.amname = 'btree') END AS constraint,
           (SELECT json_object_agg(a.attnum, a.attstattarget) FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) AS statistics
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_am m ON m.oid = c.relam
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
     WHERE c.relkind = 'i' AND i.indisvalid AND ${NOT_SYSTEM_SCHEMA}
     ORDER BY bytes DESC`);
  const byTable = new Map<number, IndexFacts[]>();
  for (const row of rows) {
    const list = byTable.get(row.table) ?? [];
    list.push({
      name: row.name,
      definition: row.definition,
      bytes: row.bytes,
      isReplicaIdentity: row.is_replica_identity,
      isClustered: row.is_clustered,
      ...(row.constraint === null ? {} : { constraint: row.constraint }),
      ...(row.statistics === null ? {} : { statistics: row.statistics }),
    });
    byTable.set(row.table, list);
  }
  return byTable;
}

/** The OIDs of the index and constraint entries that the copy path builds itself, so that pg_restore leaves them out. */
export async function readBuiltOids(session: Session, tables: readonly number[]): Promise<{ indexes: number[]; constraints: number[] }> {
  const rows = await session.rows<{ index: number; constraint: number | null }>(
    `SELECT i.indexrelid AS index, k.oid AS constraint
       FROM pg_catalog.pg_index i
       LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
      WHERE i.indisvalid AND i.indrelid = ANY ($1::oid[])`,
    [tables],
  );
  return { indexes: rows.map((row) => row.index), constraints: rows.flatMap((row) => (row.constraint === null ? [] : [row.constraint])) };
}
