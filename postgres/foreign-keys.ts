import { inScope, type Scope } from '../domain/copy/scope.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteName } from './quoting.ts';
import { NOT_SYSTEM_SCHEMA } from './tables.ts';

export interface ForeignKey {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** `FOREIGN KEY (…) REFERENCES …`, as pg_get_constraintdef gives it. */
  readonly definition: string;
  /** Whether it was valid on the source; NOT VALID stays NOT VALID (F25). */
  readonly validated: boolean;
  /** Keys of partitioned tables cannot be added NOT VALID before 18; they are made whole. */
  readonly partitioned: boolean;
}

/** Every foreign key declared on its own table; those that a partition inherits come with their parent's. */
export async function listForeignKeys(session: Session, scope: Scope): Promise<ForeignKey[]> {
  const rows = await session.rows<ForeignKey>(`
    SELECT k.oid, n.nspname AS schema, c.relname AS table, k.conname AS name, pg_catalog.pg_get_constraintdef(k.oid) AS definition,
           k.convalidated AS validated, c.relkind = 'p' AS partitioned
      FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype = 'f' AND ${session.major >= 11 ? 'k.conparentid = 0' : 'true'} AND ${NOT_SYSTEM_SCHEMA}
     ORDER BY pg_catalog.pg_relation_size(c.oid) DESC, k.oid`);
  return rows.filter((row) => inScope(scope, row.schema, row.table));
}

/** Adds a foreign key without looking at the rows; fine if it is there. */
export async function ensureForeignKey(session: Session, key: ForeignKey): Promise<void> {
  if ((await readForeignKey(session, key)) !== undefined) return;
  const only = key.partitioned ? '' : 'ONLY ';
  const unchecked = key.partitioned || !key.validated ? '' : ' NOT VALID'; // the definition of an unvalidated key says so itself
  await session.execute(`ALTER TABLE ${only}${quoteName(key.schema, key.table)} ADD CONSTRAINT ${quoteIdent(key.name)} ${key.definition}${unchecked}`);
}

/** Checks the rows of a foreign key that was valid on the source. An orphan is a `query_failed` with SQLSTATE 23503. */
export async function validateForeignKey(session: Session, key: ForeignKey): Promise<void> {
  if (!key.validated || (await readForeignKey(session, key))?.validated === true) return;
  await session.execute(`ALTER TABLE ${quoteName(key.schema, key.table)} VALIDATE CONSTRAINT ${quoteIdent(key.name)}`);
}

const readForeignKey = (session: Session, key: ForeignKey): Promise<{ validated: boolean } | undefined> =>
  session.maybeRow<{ validated: boolean }>(
    `SELECT k.convalidated AS validated FROM pg_catalog.pg_constraint k
       JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE k.contype = 'f' AND n.nspname = $1 AND c.relname = $2 AND k.conname = $3`,
    [key.schema, key.table, key.name],
  );
