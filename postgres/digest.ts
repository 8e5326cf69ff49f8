import type { Column, ColumnType } from '../domain/copy/column-type.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteName } from './quoting.ts';

export interface TableDigest {
  readonly rows: number;
  /** The sum over all rows of a 64-bit hash of each: the same whatever order the rows lie in, and blind to no duplicate. */
  readonly sum: string;
}

export interface DigestOrder {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** The lower of the two servers' majors: both sides have to ask for the same function. */
  readonly oldestMajor: number;
}

/** Counts and hashes the rows of a table as the session's snapshot sees them, over text that is the same on every major (F64). */
export async function digestTable(session: Session, order: DigestOrder): Promise<TableDigest> {
  const values = order.columns.filter((column) => !column.generated).map((column) => stableValue(column, order.oldestMajor));
  const row = `ROW(${values.join(', ')})::text`;
  // hashtextextended came with 11; md5 costs four times as much but is everywhere.
  const hash = order.oldestMajor >= 11 ? `pg_catalog.hashtextextended(${row}, 0)` : `('x' || left(md5(${row}), 16))::bit(64)::bigint`;
  // Floats inside composites and ranges: with 0, both sides print 15 digits the old way; with more, only 12 and later print the shortest.
  await session.execute(`SET extra_float_digits = ${order.oldestMajor < 12 ? 0 : 3}`);
  return await session.row<TableDigest>(
    `SELECT count(*)::bigint AS rows, coalesce(sum(${hash}), 0)::text AS sum FROM ONLY ${quoteName(order.schema, order.name)}`,
  );
}

/** Counts the rows of a table. */
export async function countRows(session: Session, table: { readonly schema: string; readonly name: string }): Promise<TableDigest> {
  const { rows } = await session.row<{ rows: number }>(`SELECT count(*)::bigint AS rows FROM ONLY ${quoteName(table.schema, table.name)}`);
  return { rows, sum: '0' };
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
