import { inScope, type Scope } from '../domain/copy/scope.ts';
import type { Session } from './connection.ts';
import { quoteName } from './quoting.ts';
import { NOT_SYSTEM_SCHEMA } from './tables.ts';

export interface MaterializedView {
  readonly schema: string;
  readonly name: string;
}

/**
 * Materialized views that have rows, each behind those it reads, through plain views too (F20). Those without rows stay so. What a
 * view reads inside a function is not seen.
 */
export async function listPopulatedViews(session: Session, scope: Scope): Promise<MaterializedView[]> {
  const rows = await session.rows<MaterializedView>(`
    WITH RECURSIVE reads AS (
      SELECT DISTINCT r.ev_class AS view, d.refobjid AS from_view
        FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
        JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('v', 'm')
       WHERE d.refobjid <> r.ev_class
    ), depths AS (
      SELECT oid AS view, 0 AS depth FROM pg_catalog.pg_class WHERE relkind IN ('v', 'm')
      UNION
      SELECT reads.view, depths.depth + 1 FROM reads JOIN depths ON depths.view = reads.from_view
    )
    SELECT n.nspname AS schema, c.relname AS name
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'm' AND c.relispopulated AND ${NOT_SYSTEM_SCHEMA}
     ORDER BY (SELECT max(depth) FROM depths WHERE depths.view = c.oid), 1, 2`);
  return rows.filter(({ schema, name }) => inScope(scope, schema, name));
}

/**
 * Computes one anew, with its statistics. It is computed as its owner, on whom policies may be FORCEd: they are to hide what they
 * always hide, where our sessions otherwise prefer to fail.
 */
export async function refreshView(session: Session, { schema, name }: MaterializedView): Promise<void> {
  await session.execute('SET row_security = on');
  await session.execute(`REFRESH MATERIALIZED VIEW ${quoteName(schema, name)}`);
  await session.execute('SET row_security = off');
  await session.execute(`ANALYZE ${quoteName(schema, name)}`);
}
