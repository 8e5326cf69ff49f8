import { inScope, type Scope } from '../domain/copy/scope.ts';
import type { Session } from './connection.ts';
import { quoteLiteral, quoteName } from './quoting.ts';
import { NOT_SYSTEM_SCHEMA } from './tables.ts';

/** The whole state of a sequence; the value is text, since a bigint does not fit a JavaScript number. */
export interface SequenceState {
  readonly schema: string;
  readonly name: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** Every sequence: owned, free, never called, of an identity column whether of a leaf or of a partitioned parent (F21). */
export async function listSequences(session: Session, scope: Scope): Promise<{ schema: string; name: string }[]> {
  const rows = await session.rows<{ schema: string; name: string }>(`
    SELECT n.nspname AS schema, c.relname AS name
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${NOT_SYSTEM_SCHEMA}
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY 1, 2`);
  return rows.filter((row) => inScope({ ...scope, excludeTables: [] }, row.schema, row.name));
}

/** Sequences named in one statement. */
const BATCH = 400;

type Name = Pick<SequenceState, 'schema' | 'name'>;

/**
 * Reads the state of each. One question tells the last values of all that were called; of the others it does not tell whether
 * they were set to a value or never touched, nor of those that we may not use: these are read one by one.
 */
export async function readSequences(session: Session, sequences: readonly Name[]): Promise<SequenceState[]> {
  const called = await readCalled(session, sequences);
  const others = sequences.filter(({ schema, name }) => !called.has(quoteName(schema, name)));
  return [...called.values(), ...(await readEach(session, others))];
}

async function readCalled(session: Session, sequences: readonly Name[]): Promise<Map<string, SequenceState>> {
  const rows = await session.rows<SequenceState>(
    `SELECT * FROM (SELECT n.nspname AS schema, c.relname AS name, CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'USAGE, SELECT') THEN pg_catalog.pg_sequence_last_value(c.oid) END::text AS "lastValue", true AS "isCalled"
                      FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
                      JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
                      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind = 'S') AS s
      WHERE "lastValue" IS NOT NULL`,
    [sequences.map(({ schema }) => schema), sequences.map(({ name }) => name)],
  );
  return new Map(rows.map((state) => [quoteName(state.schema, state.name), state]));
}

async function readEach(session: Session, sequences: readonly Name[]): Promise<SequenceState[]> {
  const states: SequenceState[] = [];
  for (let at = 0; at < sequences.length; at += BATCH) {
    const parts = sequences
      .slice(at, at + BATCH)
      .map(({ schema, name }) => `SELECT ${quoteLiteral(schema)} AS schema, ${quoteLiteral(name)} AS name, last_value::text AS "lastValue", is_called AS "isCalled" FROM ${quoteName(schema, name)}`);
    states.push(...(await session.rows<SequenceState>(parts.join(' UNION ALL '))));
  }
  return states;
}

/** Sets each to the state given. */
export async function writeSequences(session: Session, states: readonly SequenceState[]): Promise<void> {
  for (let at = 0; at < states.length; at += BATCH) {
    const calls = states
      .slice(at, at + BATCH)
      .map((state) => `pg_catalog.setval(${quoteLiteral(quoteName(state.schema, state.name))}::regclass, ${state.lastValue}, ${state.isCalled})`);
    await session.execute(`SELECT ${calls.map((call) => `(SELECT ${call})`).join(', ')}`);
  }
}

/** Those of `now` that differ from `before`. */
export function changedSequences(before: readonly SequenceState[], now: readonly SequenceState[]): SequenceState[] {
  const known = new Map(before.map((state) => [quoteName(state.schema, state.name), state]));
  return now.filter((state) => {
    const old = known.get(quoteName(state.schema, state.name));
    return old === undefined || old.lastValue !== state.lastValue || old.isCalled !== state.isCalled;
  });
}
