import type { Session } from '../../../postgres/connection.ts';
import { quoteIdent, quoteName } from '../../../postgres/quoting.ts';
import type { Sides } from '../same-databases.ts';

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/**
 * Types whose text differs between majors, by the function that gives their bytes: floats have other digits from 12 on,
 * "char" is escaped otherwise from 16 on. Inside composite types and ranges floats are compared by 15 digits.
 */
const BINARY_FORMS: Readonly<Record<string, string>> = {
  real: 'float4send',
  'double precision': 'float8send',
  'real[]': 'array_send',
  'double precision[]': 'array_send',
  point: 'point_send',
  lseg: 'lseg_send',
  box: 'box_send',
  path: 'path_send',
  polygon: 'poly_send',
  circle: 'circle_send',
  line: 'line_send',
  '"char"': 'charsend',
  '"char"[]': 'array_send',
};

/** More than so many rows are not fetched to name the ones that differ. */
const NAMED_ROWS = 50_000;

/** Every row of every table, partition and materialized view, and every large object. */
export async function compareRows(sides: Sides): Promise<string[]> {
  const differences: string[] = [];
  for (const table of await tablesOf(sides.source, sides.ignoreSchemas)) {
    // A table that one side lacks is named by the comparison of the catalogs.
    if (await exists(sides.target, table)) differences.push(...(await compareTable(sides, table)));
  }
  return [...differences, ...(await compareLargeObjects(sides))];
}

async function compareTable({ source, target }: Sides, table: Table): Promise<string[]> {
  const [left, right] = await Promise.all([digestOf(source, table), digestOf(target, table)]);
  if (left.rows === right.rows && left.digest === right.digest) return [];
  const place = `table ${quoteName(table.schema, table.name)}`;
  if (left.rows + right.rows > NAMED_ROWS) return [`${place}: ${left.rows} rows on the source, ${right.rows} on the target, not the same ones`];
  const [ours, theirs] = await Promise.all([rowsOf(source, table), rowsOf(target, table)]);
  return [...named(`${place}: row only on the source`, without(ours, theirs)), ...named(`${place}: row only on the target`, without(theirs, ours))];
}

const named = (what: string, rows: readonly string[]): string[] => [
  ...rows.slice(0, 3).map((row) => `${what}: ${row.slice(0, 200)}`),
  ...(rows.length > 3 ? [`${what}: ${rows.length - 3} more`] : []),
];

/** The rows of one list that the other does not have as often. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
}

/** A row as text that is the same on both majors; a NULL differs from an empty string in it. */
const rowText = ({ columns }: Table): string =>
  `ROW(${columns.map(({ name, type }) => (BINARY_FORMS[type] === undefined ? quoteIdent(name) : `encode(${BINARY_FORMS[type]}(${quoteIdent(name)}), 'hex')`)).join(', ')})::text`;

const from = ({ schema, name }: Table): string => `ONLY ${quoteName(schema, name)}`;

const digestOf = (session: Session, table: Table): Promise<{ rows: number; digest: string | null }> =>
  session.row(`SELECT count(*) AS rows, md5(string_agg(hash, '' ORDER BY hash COLLATE "C")) AS digest FROM (SELECT md5(${rowText(table)}) AS hash FROM ${from(table)}) AS hashed`);

const rowsOf = async (session: Session, table: Table): Promise<string[]> =>
  (await session.rows<{ row: string }>(`SELECT ${rowText(table)} AS row FROM ${from(table)} ORDER BY 1`)).map(({ row }) => row);

/** Tables as the source has them, with their columns in order. Dropped columns are not copied. */
function tablesOf(session: Session, ignoreSchemas: readonly string[]): Promise<Table[]> {
  const sql = `
    SELECT nspname AS schema, relname AS name,
           (SELECT coalesce(json_agg(json_build_object('name', attname, 'type', format_type(CASE WHEN typtype = 'd' THEN typbasetype ELSE atttypid END, NULL)) ORDER BY attnum), '[]')
              FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
             WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped) AS columns
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE (relkind = 'r' OR relkind = 'm' AND relispopulated) AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT nspname = ANY ($1)
     ORDER BY 1, 2`;
  return session.rows<Table>(sql, [ignoreSchemas]);
}

/** Also whether it can be read: a view that took the place of a table, or a materialized view without rows, is found elsewhere. */
async function exists(session: Session, { schema, name, columns }: Table): Promise<boolean> {
  const sql = `
    SELECT array_agg(attname::text) AS columns
      FROM pg_class LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
     WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relname = $2 AND (relkind = 'r' OR relkind = 'm' AND relispopulated)
    HAVING count(*) > 0`;
  const found = await session.maybeRow<{ columns: (string | null)[] }>(sql, [schema, name]);
  return found !== undefined && columns.every((column) => found.columns.includes(column.name));
}

async function compareLargeObjects({ source, target }: Sides): Promise<string[]> {
  const sql = 'SELECT oid::text AS name, md5(lo_get(oid)) AS digest FROM pg_largeobject_metadata ORDER BY oid';
  const read = async (session: Session): Promise<Map<string, string>> =>
    new Map((await session.rows<{ name: string; digest: string }>(sql)).map(({ name, digest }) => [name, digest]));
  const [left, right] = await Promise.all([read(source), read(target)]);
  return [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name)).map((name) => `large object ${name}: the bytes differ`);
}
