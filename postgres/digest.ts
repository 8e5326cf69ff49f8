import type { Column, ColumnType } from '../domain/copy/column-type.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteName } from './quoting.ts';

export interface TableDigest {
  readonly rows: number;
  /** The sum over all rows of a 64-bit hash of each: the same whatever order the rows lie in, and blind to no duplicate. */
  readonly sum: string;
}

export interface DigestTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
}

/**
 * Counts and hashes the rows of tables as the session's snapshot sees them, over text that is the same on every major (F64).
 * `oldestMajor` is the lower of the two servers': both sides have to ask for the same function.
 */
export async function digestTables(session: Session, tables: readonly DigestTable[], oldestMajor: number): Promise<TableDigest[]> {
  // Floats inside composites and ranges: with 0, both sides print 15 digits the old way; with more, only 12 and later print the shortest.
  await session.execute(`SET extra_float_digits = ${oldestMajor < 12 ? 0 : 3}`);
  return await readDigests(session, tables, (table) => hashOfRow(table, oldestMajor));
}

/** Counts the rows of tables. */
export const countTables = (session: Session, tables: readonly DigestTable[]): Promise<TableDigest[]> => readDigests(session, tables, () => '0');

/** In the order of the tables. */
async function readDigests(session: Session, tables: readonly DigestTable[], hash: (table: DigestTable) => string): Promise<TableDigest[]> {
  const parts = tables.map((table, place) => `SELECT ${place} AS place, count(*)::bigint AS rows, coalesce(sum(${hash(table)}), 0)::text AS sum FROM ONLY ${quoteName(table.schema, table.name)}`);
  const rows = await session.rows<TableDigest & { place: number }>(`${parts.join('\nUNION ALL\n')}\nORDER BY place`);
  return rows.map(({ rows: count, sum }) => ({ rows: count, sum }));
}

function hashOfRow({ columns }: DigestTable, oldestMajor: number): string {
  const values = columns.filter((column) => !column.generated).map((column) => stableValue(column, oldestMajor));
  const row = `ROW(${values.join(', ')})::text`;
  // hashtextextended came with 11; md5 costs four times as much but is everywhere.
  return oldestMajor >= 11 ? `pg_catalog.hashtextextended(${row}, 0)` : `('x' || left(md5(${row}), 16))::bit(64)::bigint`;
}

/**
 * An expression whose text is the same on 10 and 18. Floats print shorter from 12 on, "char" escapes differ from 16 on, money
 * follows lc_monetary: those are taken in their binary form. A wide bytea is hashed alone, since its hex text doubles it.
 */
function stableValue(column: Column, oldestMajor: number): string {
  const value = quoteIdent(column.name);
  const base = withoutDomain(column.type);
  if (base.kind === 'array' && needsBinary(withoutDomain(base.element), oldestMajor)) return `pg_catalog.array_send(${value})`;
  if (base.kind !== 'base' || !base.builtIn) return value;
  if (base.name === 'bytea') return `pg_catalog.md5(${value})`;
  const send = BINARY_FORM[base.name];
  return send !== undefined && needsBinary(base, oldestMajor) ? `pg_catalog.${send}(${value})` : value;
}

const withoutDomain = (type: ColumnType): ColumnType => (type.kind === 'domain' ? withoutDomain(type.base) : type);

const BINARY_FORM: Readonly<Record<string, string>> = {
  float4: 'float4send',
  float8: 'float8send',
  point: 'point_send',
  lseg: 'lseg_send',
  path: 'path_send',
  box: 'box_send',
  polygon: 'poly_send',
  line: 'line_send',
  circle: 'circle_send',
  money: 'cash_send',
  char: 'charsend',
};

/** Only money and "char" depend on more than the float format that changed with 12. */
function needsBinary(type: ColumnType, oldestMajor: number): boolean {
  if (type.kind !== 'base' || !type.builtIn || BINARY_FORM[type.name] === undefined) return false;
  return oldestMajor < 12 || type.name === 'money' || (type.name === 'char' && oldestMajor < 16);
}
