import type { Session } from './connection.ts';
import { NOT_SYSTEM_SCHEMA } from './tables.ts';

/** One line for all tables and columns there are: two readings differ when anybody has changed one of them in between (F57). */
export async function readSchemaFingerprint(session: Session): Promise<string> {
  const row = await session.row<{ fingerprint: string }>(`
    SELECT md5(coalesce(string_agg(concat_ws(' ', c.oid, c.relname, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull), ',' ORDER BY c.oid, a.attnum), '')) AS fingerprint
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND ${NOT_SYSTEM_SCHEMA}`);
  return row.fingerprint;
}
