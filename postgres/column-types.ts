import type { ColumnType } from '../domain/copy/column-type.ts';
import type { Session } from './connection.ts';

interface TypeRow {
  readonly oid: number;
  readonly name: string;
  readonly builtin: boolean;
  readonly typtype: string;
  readonly element: number;
  readonly is_array: boolean;
  readonly base: number;
  readonly subtype: number;
  readonly fields: number[] | null;
}

/** OIDs below this are given at initdb and are the same on every server. https://www.postgresql.org/docs/current/system-catalog-initial-data.html */
const FIRST_NORMAL_OID = 16_384;

const UNKNOWN: ColumnType = { kind: 'base', name: 'unknown', builtIn: false };

/** Every type a column may have, by OID, resolved into its parts. The row types of tables are left out unless a column uses one. */
export async function readColumnTypes(session: Session): Promise<(oid: number) => ColumnType> {
  const rows = await session.rows<TypeRow>(`
    SELECT t.oid, t.typname AS name, t.oid < ${FIRST_NORMAL_OID} AS builtin, t.typtype, t.typelem AS element,
           t.typelem <> 0 AND t.typlen = -1 AS is_array, t.typbasetype AS base, coalesce(r.rngsubtype, 0) AS subtype,
           (SELECT array_agg(a.atttypid ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
             WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS fields
      FROM pg_catalog.pg_type t
      LEFT JOIN pg_catalog.pg_range r ON r.${session.major >= 14 ? `rngtypid = t.oid OR r.rngmultitypid` : 'rngtypid'} = t.oid
     WHERE t.typtype <> 'p'
       AND (t.typtype <> 'c' OR t.oid IN (SELECT atttypid FROM pg_catalog.pg_attribute WHERE attnum > 0))`);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const known = new Map<number, ColumnType>();

  const resolve = (oid: number): ColumnType => {
    const seen = known.get(oid);
    if (seen !== undefined) return seen;
    const row = byOid.get(oid);
    const type = row === undefined ? UNKNOWN : resolveRow(row, resolve);
    known.set(oid, type);
    return type;
  };
  return resolve;
}

function resolveRow(row: TypeRow, resolve: (oid: number) => ColumnType): ColumnType {
  switch (row.typtype) {
    case 'd':
      return { kind: 'domain', base: resolve(row.base) };
    case 'e':
      return { kind: 'enum' };
    case 'r':
    case 'm':
      return { kind: 'range', subtype: resolve(row.subtype), builtIn: row.builtin };
    case 'c':
      return { kind: 'composite', fields: (row.fields ?? []).map(resolve) };
    default:
      return row.is_array ? { kind: 'array', element: resolve(row.element) } : { kind: 'base', name: row.name, builtIn: row.builtin };
  }
}
