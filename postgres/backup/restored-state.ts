import type { Session } from '../connection.ts';
import { quoteIdent, quoteName } from '../quoting.ts';
import { sqlstateOf } from '../sqlstate.ts';

/** Extensions that an archive needs and this server does not have. */
export async function listUnavailableExtensions(session: Session, names: readonly string[]): Promise<string[]> {
  const available = new Set((await session.rows<{ name: string }>('SELECT name FROM pg_catalog.pg_available_extensions')).map(({ name }) => name));
  return names.filter((name) => !available.has(name));
}

export const listTablespaces = async (session: Session): Promise<Set<string>> => new Set((await session.rows<{ name: string }>('SELECT spcname AS name FROM pg_catalog.pg_tablespace')).map(({ name }) => name));

/** Constraints that are there but were never checked over the rows: `schema.table constraint`, as an archive's list has them. */
export async function listUnvalidated(session: Session): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(`
    SELECT n.nspname || '.' || c.relname || ' ' || k.conname AS name
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT k.convalidated`);
  return rows.map(({ name }) => name);
}

/** Indexes of tables that cannot be used; those of a partitioned parent hold no rows. */
export async function listInvalidIndexes(session: Session): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(`
    SELECT n.nspname || '.' || c.relname AS name
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'i' AND NOT (i.indisvalid AND i.indisready) AND n.nspname !~ '^pg_'`);
  return rows.map(({ name }) => name);
}

/** Rows of a table without those of its children. */
export async function countRowsOf(session: Session, { schema, name }: { readonly schema: string; readonly name: string }): Promise<number> {
  return (await session.row<{ rows: number }>(`SELECT count(*) AS rows FROM ONLY ${quoteName(schema, name)}`)).rows;
}

export interface PlannedCheck {
  readonly what: 'index' | 'table';
  readonly oid: number;
  readonly name: string;
}

const AMCHECK_SCHEMA = 'pgconvoy_amcheck';
/** `verify_heapam`, with 1.3. */
const FIRST_WITH_HEAP = 14;

/** Installs amcheck beside everything else, and says what it can look at; undefined where the server has no amcheck or does not let us. */
export async function planStructureChecks(session: Session): Promise<PlannedCheck[] | undefined> {
  if ((await listUnavailableExtensions(session, ['amcheck'])).length > 0) return undefined;
  const has = await session.maybeRow("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'amcheck'");
  if (has === undefined) await session.execute(`CREATE SCHEMA ${quoteIdent(AMCHECK_SCHEMA)}; CREATE EXTENSION amcheck SCHEMA ${quoteIdent(AMCHECK_SCHEMA)}`);
  const heaps = session.major >= FIRST_WITH_HEAP;
  return await session.rows<PlannedCheck>(`
    SELECT CASE WHEN c.relkind = 'i' THEN 'index' ELSE 'table' END AS what, c.oid, n.nspname || '.' || c.relname AS name
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
     WHERE n.nspname !~ '^(pg_|information_schema$)' AND c.relpersistence <> 't'
       AND ((c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid AND i.indisready)
            OR (${heaps ? "c.relkind IN ('r', 'm') AND a.amname = 'heap'" : 'false'}))
     ORDER BY c.relpages DESC, c.oid`);
}

/** Undefined when it is sound, what amcheck says otherwise. */
export async function checkStructure(session: Session, check: PlannedCheck): Promise<string | undefined> {
  const amcheck = (await session.row<{ schema: string }>("SELECT n.nspname AS schema FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'")).schema;
  try {
    if (check.what === 'index') {
      await session.execute(`SELECT ${quoteName(amcheck, 'bt_index_check')}($1::oid::regclass, true)`, [check.oid]);
      return undefined;
    }
    const bad = await session.maybeRow<{ blkno: number; msg: string }>(`SELECT blkno, msg FROM ${quoteName(amcheck, 'verify_heapam')}($1::oid::regclass) LIMIT 1`, [check.oid]);
    return bad === undefined ? undefined : `page ${bad.blkno}: ${bad.msg}`;
  } catch (error) {
    // data_corrupted and index_corrupted are verdicts; anything else is trouble of the server.
    if (!['XX001', 'XX002'].includes(sqlstateOf(error) ?? '')) throw error;
    return (error as { detail?: string }).detail ?? 'corrupted';
  }
}

/** Removes what {@link planStructureChecks} added; an amcheck that was there before stays. */
export async function dropStructureChecks(session: Session): Promise<void> {
  await session.execute(`DROP SCHEMA IF EXISTS ${quoteIdent(AMCHECK_SCHEMA)} CASCADE`);
}
