import type { Scope } from '../../domain/copy/scope.ts';
import type { TableIdentity } from '../../domain/preflight/identity.ts';
import type { Session } from '../connection.ts';
import { RELATIONS_IN_SCOPE, scopeValues } from './relations-in-scope.ts';

/**
 * Tables in scope whose rows no key addresses: everything that is not a valid, immediate primary key or chosen index.
 * Unlogged tables are left out, as nothing of them is published.
 */
export async function readTablesWithoutKey(session: Session, scope: Scope): Promise<TableIdentity[]> {
  return await session.rows<TableIdentity>(
    `WITH RECURSIVE base (type, root) AS (
       SELECT oid, oid FROM pg_catalog.pg_type WHERE typtype <> 'd'
       UNION ALL
       SELECT t.oid, b.root FROM pg_catalog.pg_type t JOIN base b ON t.typbasetype = b.type WHERE t.typtype = 'd'
     )
     SELECT r.nspname::text AS schema, r.relname::text AS table,
            CASE r.relreplident WHEN 'd' THEN 'default' WHEN 'i' THEN 'index' WHEN 'f' THEN 'full' ELSE 'nothing' END AS "replicaIdentity",
            false AS "hasKey",
            EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = r.oid AND i.indisprimary AND NOT i.indimmediate) AS "deferrableKey",
            (${USABLE_INDEX}) AS "usableIndex",
            ARRAY(${incomparableColumns(session.major)}) AS incomparable,
            pg_catalog.pg_table_size(r.oid) AS bytes,
            coalesce((SELECT s.n_tup_upd + s.n_tup_del FROM pg_catalog.pg_stat_all_tables s WHERE s.relid = r.oid), 0) AS changes
       FROM ${RELATIONS_IN_SCOPE} AS r
      WHERE r.relkind = 'r' AND r.relpersistence = 'p'
        AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_index i
           WHERE i.indrelid = r.oid AND i.indisvalid AND i.indimmediate
             AND CASE r.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END)
      ORDER BY r.name`,
    scopeValues(scope),
  );
}

/** What REPLICA IDENTITY USING INDEX takes. https://www.postgresql.org/docs/current/sql-altertable.html */
const USABLE_INDEX = `
  SELECT x.relname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
   WHERE i.indrelid = r.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
   ORDER BY x.relname LIMIT 1`;

/**
 * Columns whose type has no equality: the apply worker looks for the default operator class of the type, of what it is
 * binary coercible to, or of an array's elements, and stops at the first row when there is none (F2).
 */
const incomparableColumns = (major: number): string => `
  SELECT a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_attribute a
    JOIN base b ON b.type = a.atttypid
    JOIN pg_catalog.pg_type t ON t.oid = b.root
    JOIN base eb ON eb.type = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
    JOIN pg_catalog.pg_type e ON e.oid = eb.root
   WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped ${major >= 12 ? `AND a.attgenerated = ''` : ''}
     AND e.typtype = 'b'
     AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod
        WHERE m.amname IN ('btree', 'hash') AND o.opcdefault
          AND (o.opcintype = e.oid OR EXISTS (SELECT FROM pg_catalog.pg_cast k
                WHERE k.castsource = e.oid AND k.casttarget = o.opcintype AND k.castmethod = 'b' AND k.castcontext = 'i')))
   ORDER BY a.attnum`;
