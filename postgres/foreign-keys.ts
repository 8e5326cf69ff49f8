import { inScope, type Scope } from '../domain/copy/scope.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteName } from './quoting.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';
import { NOT_SYSTEM_SCHEMA } from './tables.ts';

interface TableName {
  readonly schema: string;
  readonly name: string;
}

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
  /** The tables that hold its rows, and those that hold the rows they refer to: each itself, or its partitions. */
  readonly tables: readonly TableName[];
  readonly referencedTables: readonly TableName[];
}

/** A table and all its partitions, whatever their depth; partitioned ones are among them and hold nothing. */
const membersOf = (oid: string): string => `(
      WITH RECURSIVE member AS (SELECT ${oid} AS oid UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN member ON i.inhparent = member.oid)
      SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', mn.nspname, 'name', mc.relname)) FROM member JOIN pg_catalog.pg_class mc ON mc.oid = member.oid JOIN pg_catalog.pg_namespace mn ON mn.oid = mc.relnamespace)`;

/** Every foreign key declared on its own table; those that a partition inherits come with their parent's. */
export async function listForeignKeys(session: Session, scope: Scope): Promise<ForeignKey[]> {
  const rows = await session.rows<ForeignKey>(`
    SELECT k.oid, n.nspname AS schema, c.relname AS table, k.conname AS name, pg_catalog.pg_get_constraintdef(k.oid) AS definition,
           k.convalidated AS validated, c.relkind = 'p' AS partitioned, ${membersOf('k.conrelid')} AS tables, ${membersOf('k.confrelid')} AS "referencedTables"
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

/** A lock that we wait for no longer than this is given up before the apply worker that holds it becomes the victim of a deadlock. */
const LOCK_WAIT = '500ms';
const TRIES = 20;
const TRY_AGAIN: readonly (string | undefined)[] = [SQLSTATE.lockNotAvailable, SQLSTATE.deadlockDetected, SQLSTATE.foreignKeyViolation];

export interface HeldBack {
  /** Tables of the key whose changes come through another slot than those of the table it refers to. */
  readonly tables: readonly TableName[];
  /** Waits until the changes of that one have caught up. */
  readonly parentsThere: () => Promise<void>;
  readonly work: () => Promise<void>;
}

/**
 * Does `work` on a key of tables that apply workers write to. Where a row may arrive before the one it refers to, because the
 * two come through different slots, its changes are held back until the others are there. What only seemed an orphan, since
 * its parent was deleted in between, is none when it is looked at again.
 */
export async function whileHeldBack(session: Session, order: HeldBack): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await session.transaction(async () => {
        await session.execute(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
        if (order.tables.length > 0) await session.execute(`LOCK TABLE ${order.tables.map(({ schema, name }) => quoteName(schema, name)).join(', ')} IN SHARE ROW EXCLUSIVE MODE`);
        await order.parentsThere();
        await order.work();
      });
    } catch (error) {
      const state = sqlstateOf(error);
      if (attempt === TRIES || state === undefined || !TRY_AGAIN.includes(state)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
