import type { Scope } from '../../domain/copy/scope.ts';
import { NOT_SYSTEM_SCHEMA } from '../tables.ts';

/**
 * The relations of a migration as a subquery, for statements whose first three values are {@link scopeValues}. The same
 * rule as `inScope` of the domain, told to the server so that not every table has to travel here.
 */
export const RELATIONS_IN_SCOPE = `(
  SELECT c.oid, n.oid AS schema_oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident, c.relowner, c.relrowsecurity,
         c.reltablespace, c.relispartition, c.relam, c.relispopulated, n.nspname || '.' || c.relname AS name
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relpersistence <> 't' AND ${NOT_SYSTEM_SCHEMA}
     AND ($1::text[] IS NULL OR n.nspname = ANY ($1)) AND n.nspname <> ALL ($2::text[])
     AND NOT EXISTS (SELECT FROM pg_catalog.unnest($3::text[]) AS excluded (pattern) WHERE n.nspname || '.' || c.relname LIKE pattern)
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'))`;

/** The values that {@link RELATIONS_IN_SCOPE} takes. */
export const scopeValues = (scope: Scope): readonly unknown[] => [scope.schemas ?? null, scope.excludeSchemas, scope.excludeTables.map(likePattern)];

/** A pattern of the inventory, in which only `*` means something, for LIKE. */
const likePattern = (pattern: string): string => pattern.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
