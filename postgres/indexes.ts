import type { IndexFacts } from '../domain/copy/plan.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteName } from './quoting.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';

/** The name of a table, for messages and statements. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/**
 * Builds one index; fine if it is there already. Exclusion constraints and the like, which no index can be turned into,
 * are made whole by {@link attachConstraint}.
 */
export async function ensureIndex(session: Session, table: TableName, index: IndexFacts): Promise<'built' | 'present'> {
  if (index.constraint !== undefined && !index.constraint.attachable) return 'present';
  if (await indexIsValid(session, table.schema, index.name)) return 'present';
  try {
    await session.execute(index.definition);
    return 'built';
  } catch (error) {
    // The build of a worker that was killed may have gone on in its server, and ended while ours waited for it.
    const state = sqlstateOf(error);
    if (state !== SQLSTATE.duplicateTable && state !== SQLSTATE.uniqueViolation) throw error;
    if (await indexIsValid(session, table.schema, index.name)) return 'present';
    throw error;
  }
}

/** Makes the index what it stands for on the source: a constraint, the replica identity, the clustering order. */
export async function attachConstraint(session: Session, table: TableName, index: IndexFacts): Promise<void> {
  const relation = quoteName(table.schema, table.name);
  const { constraint } = index;
  if (constraint !== undefined && !(await constraintExists(session, table, constraint.name))) {
    const definition = constraint.attachable ? attachedDefinition(index) : constraint.definition;
    await session.execute(`ALTER TABLE ONLY ${relation} ADD CONSTRAINT ${quoteIdent(constraint.name)} ${definition}`);
  }
  if (index.isReplicaIdentity) await session.execute(`ALTER TABLE ONLY ${relation} REPLICA IDENTITY USING INDEX ${quoteIdent(index.name)}`);
  if (index.isClustered) await session.execute(`ALTER TABLE ONLY ${relation} CLUSTER ON ${quoteIdent(index.name)}`);
}

/** `PRIMARY KEY (id) DEFERRABLE` becomes `PRIMARY KEY USING INDEX "…" DEFERRABLE`: columns and INCLUDE are the index's own. */
function attachedDefinition(index: IndexFacts): string {
  const definition = index.constraint?.definition ?? '';
  const kind = definition.startsWith('PRIMARY KEY') ? 'PRIMARY KEY' : 'UNIQUE';
  const timing = / DEFERRABLE( INITIALLY DEFERRED)?$/.exec(definition)?.[0] ?? '';
  return `${kind} USING INDEX ${quoteIdent(index.name)}${timing}`;
}

async function indexIsValid(session: Session, schema: string, name: string): Promise<boolean> {
  const row = await session.maybeRow<{ valid: boolean }>(
    `SELECT i.indisvalid AS valid FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, name],
  );
  return row?.valid === true;
}

async function constraintExists(session: Session, table: TableName, name: string): Promise<boolean> {
  const row = await session.maybeRow(
    `SELECT 1 AS one FROM pg_catalog.pg_constraint k
       JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND k.conname = $3 AND k.contype <> 'n'`,
    [table.schema, table.name, name],
  );
  return row !== undefined;
}

/** Collects planner statistics of one table. */
export const analyzeTable = async (session: Session, table: TableName): Promise<void> => {
  await session.execute(`ANALYZE ${quoteName(table.schema, table.name)}`);
};
