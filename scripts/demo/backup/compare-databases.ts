import type { ServerAddress } from '../../../domain/server.ts';
import { connect, type Session } from '../../../postgres/connection.ts';

export interface DatabaseAt {
  readonly server: ServerAddress;
  readonly database: string;
}

export interface Comparison {
  readonly rows: number;
  readonly differences: readonly string[];
}

const TABLES = `
  SELECT pg_catalog.quote_ident(nspname) || '.' || pg_catalog.quote_ident(relname) AS name
  FROM pg_catalog.pg_class
  JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
  WHERE relkind IN ('r', 'm') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
  ORDER BY 1`;

/** Names of all that a person made: tables, indexes, views, sequences, functions, types, constraints, triggers. */
const OBJECTS = `
  SELECT kind || ' ' || name AS object
  FROM (
    SELECT 'relation ' || relkind::text, oid::regclass::text, relnamespace FROM pg_catalog.pg_class
    UNION ALL SELECT 'function', oid::regprocedure::text, pronamespace FROM pg_catalog.pg_proc
    UNION ALL SELECT 'type ' || typtype::text, oid::regtype::text, typnamespace FROM pg_catalog.pg_type WHERE typrelid = 0
    UNION ALL SELECT 'constraint ' || contype::text, conrelid::regclass || ' ' || conname, connamespace FROM pg_catalog.pg_constraint WHERE contype <> 'n'
    UNION ALL SELECT 'trigger', tgrelid::regclass || ' ' || tgname, relnamespace FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL SELECT 'sequence value', pg_catalog.format('%s = %s', seqrelid::regclass, pg_catalog.pg_sequence_last_value(seqrelid)), relnamespace FROM pg_catalog.pg_sequence JOIN pg_catalog.pg_class ON pg_class.oid = seqrelid
  ) AS object (kind, name, namespace)
  JOIN pg_catalog.pg_namespace ON pg_namespace.oid = namespace
  WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'`;

/** Compares every object and every row of two databases, without believing anything that a backup says. */
export async function compareDatabases(then: DatabaseAt, restored: DatabaseAt): Promise<Comparison> {
  await using left = await connect(then.server, { purpose: 'demo', database: then.database });
  await using right = await connect(restored.server, { purpose: 'demo', database: restored.database });
  const [ours, theirs] = await Promise.all([namesOf(left, OBJECTS, 'object'), namesOf(right, OBJECTS, 'object')]);
  const differences = [...ours.filter((name) => !theirs.includes(name)).map((name) => `not restored: ${name}`), ...theirs.filter((name) => !ours.includes(name)).map((name) => `only in the restored one: ${name}`)];
  let rows = 0;
  for (const table of await namesOf(left, TABLES, 'name')) {
    if (!ours.some((name) => name.endsWith(` ${table}`)) || differences.some((name) => name.endsWith(` ${table}`))) continue;
    const [one, other] = await Promise.all([digestOf(left, table), digestOf(right, table)]);
    rows += one.rows;
    if (one.rows !== other.rows) differences.push(`${table}: ${one.rows} rows then, ${other.rows} restored`);
    else if (one.digest !== other.digest) differences.push(`${table}: the rows differ`);
  }
  return { rows, differences };
}

const namesOf = async (session: Session, sql: string, column: string): Promise<string[]> => (await session.rows<Record<string, string>>(sql)).map((row) => row[column]!);

/** A sum of hashes is the same in whatever order the rows come. */
const digestOf = (session: Session, table: string): Promise<{ rows: number; digest: string }> =>
  session.row(`SELECT pg_catalog.count(*) AS rows, coalesce(pg_catalog.sum(pg_catalog.hashtextextended(entry::text, 0)), 0)::text AS digest FROM ONLY ${table} AS entry`);
