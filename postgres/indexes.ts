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

/** Makes the index what it stands for on the source: a constraint, the replica identity, the clustering order; says how ANALYZE is to look at it. */
export async function attachConstraint(session: Session, table: TableName, index: IndexFacts): Promise<void> {
  const { constraint } = index;
  if (constraint !== undefined && !(await constraintExists(session, table, constraint.name))) {
    await session.execute(addConstraint(table, index.constraint?.attachable === true ? { ...constraint, definition: attachedDefinition(index) } : constraint));
  }
  for (const statement of markStatements(table, index)) await session.execute(statement);
}

const addConstraint = (table: TableName, { name, definition }: { readonly name: string; readonly definition: string }): string =>
  `ALTER TABLE ONLY ${quoteName(table.schema, table.name)} ADD CONSTRAINT ${quoteIdent(name)} ${definition}`;

function markStatements(table: TableName, index: IndexFacts): string[] {
  const relation = quoteName(table.schema, table.name);
  return [
    ...(index.isReplicaIdentity ? [`ALTER TABLE ONLY ${relation} REPLICA IDENTITY USING INDEX ${quoteIdent(index.name)}`] : []),
    ...(index.isClustered ? [`ALTER TABLE ONLY ${relation} CLUSTER ON ${quoteIdent(index.name)}`] : []),
    ...Object.entries(index.statistics ?? {}).map(([column, statistics]) => `ALTER INDEX ${quoteName(table.schema, index.name)} ALTER COLUMN ${column} SET STATISTICS ${statistics}`),
  ];
}

export type IndexedTable = TableName & { readonly indexes: readonly IndexFacts[] };

/** What {@link ensureIndex} and {@link attachConstraint} would do for all indexes of some tables that nobody else works on, as statements to be sent together. */
export async function missingIndexStatements(session: Session, tables: readonly IndexedTable[]): Promise<string[]> {
  const present = await readIndexAndConstraintNames(session, tables);
  return tables.flatMap((table) => {
    const isThere = (name: string): boolean => present.has(`${quoteName(table.schema, table.name)} ${name}`);
    return table.indexes.flatMap((index) => {
      const { constraint } = index;
      if (constraint === undefined) return [...(isThere(index.name) ? [] : [index.definition]), ...markStatements(table, index)];
      if (isThere(constraint.name)) return markStatements(table, index);
      const whole = !constraint.attachable || isMadeByConstraint(index);
      return [...(whole ? [addConstraint(table, constraint)] : [index.definition, addConstraint(table, { ...constraint, definition: attachedDefinition(index) })]), ...markStatements(table, index)];
    });
  });
}

/** Whether the constraint alone would make the very same index: its definition does not tell storage parameters, nor a name of its own. */
const isMadeByConstraint = (index: IndexFacts): boolean => index.name === index.constraint?.name && !index.definition.includes(' WITH (');

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

/** Of these tables, `<quoted name> <index or constraint>`. An index that stands for a constraint is there when the constraint is: both come in one transaction. */
async function readIndexAndConstraintNames(session: Session, tables: readonly TableName[]): Promise<Set<string>> {
  const rows = await session.rows<{ schema: string; table: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS table, o.name
       FROM (SELECT i.indrelid AS relation, x.relname AS name FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
              WHERE i.indisvalid AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
             UNION ALL
             SELECT k.conrelid, k.conname FROM pg_catalog.pg_constraint k WHERE k.contype <> 'n') AS o
       JOIN pg_catalog.pg_class c ON c.oid = o.relation
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY ($1::text[]::regclass[])`,
    [tables.map(({ schema, name }) => quoteName(schema, name))],
  );
  return new Set(rows.map((row) => `${quoteName(row.schema, row.table)} ${row.name}`));
}

/** Collects planner statistics of one table. */
export const analyzeTable = async (session: Session, table: TableName): Promise<void> => {
  await session.execute(`ANALYZE ${quoteName(table.schema, table.name)}`);
};
