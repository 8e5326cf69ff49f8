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

/** Sequences asked for in one statement. */
const BATCH = 400;

/** Reads the state of each: `pg_sequences` alone cannot tell a sequence set to n from one never called. */
export async function readSequences(session: Session, sequences: readonly { schema: string; name: string }[]): Promise<SequenceState[]> {
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
