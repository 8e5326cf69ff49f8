/** What is known of a column's type, resolved through domains, arrays and ranges, without any OID of either server. */
export type ColumnType =
  | { readonly kind: 'base'; readonly name: string; readonly builtIn: boolean }
  | { readonly kind: 'array'; readonly element: ColumnType }
  | { readonly kind: 'domain'; readonly base: ColumnType }
  | { readonly kind: 'range'; readonly subtype: ColumnType; readonly builtIn: boolean }
  | { readonly kind: 'enum' }
  | { readonly kind: 'composite'; readonly fields: readonly ColumnType[] };

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Stored or virtual: computed on the target, never copied (F8). */
  readonly generated: boolean;
}

/**
 * Built-in types whose binary form is the same from 10 to 18 and holds no OID. Left out on purpose: the reg* types (they
 * send OIDs, which differ between servers), aclitem and pg_node_tree (no binary input), tsquery (an empty one is sent, but
 * refused where it is received: "malformed tsquery").
 */
const BINARY_STABLE: ReadonlySet<string> = new Set([
  'bool', 'bytea', 'char', 'name', 'int8', 'int2', 'int4', 'text', 'oid', 'tid', 'xid', 'cid', 'xid8',
  'json', 'jsonb', 'xml', 'point', 'lseg', 'path', 'box', 'polygon', 'line', 'circle', 'float4', 'float8', 'money',
  'macaddr', 'macaddr8', 'inet', 'cidr', 'bpchar', 'varchar', 'date', 'time', 'timestamp', 'timestamptz', 'interval',
  'timetz', 'bit', 'varbit', 'numeric', 'uuid', 'pg_lsn', 'tsvector', 'txid_snapshot', 'pg_snapshot',
]);

/** Whether values may go over in binary: the sending server's form is the receiving server's form. */
export function isBinarySafe(type: ColumnType): boolean {
  switch (type.kind) {
    case 'base':
      return type.builtIn && BINARY_STABLE.has(type.name);
    case 'array':
      // The header of an array holds its element type's OID, which only built-in types share between servers.
      return type.element.kind === 'base' ? isBinarySafe(type.element) : type.element.kind === 'range' && type.element.builtIn;
    case 'domain':
      return isBinarySafe(type.base);
    case 'range':
      return isBinarySafe(type.subtype);
    case 'enum':
      return true; // sent as its label
    case 'composite':
      return false; // its fields are sent with their types' OIDs
  }
}

/** The COPY format of a table: binary spares the target the parsing of text, which is most of its work. */
export const copyFormat = (columns: readonly Column[]): 'binary' | 'text' =>
  columns.every((column) => column.generated || isBinarySafe(column.type)) ? 'binary' : 'text';
