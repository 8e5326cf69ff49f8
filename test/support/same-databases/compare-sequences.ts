import { quoteName } from '../../../postgres/quoting.ts';
import type { Session } from '../../../postgres/connection.ts';
import type { Sides } from '../same-databases.ts';
import { compareNamed, type Named } from './compare-named.ts';

/** The state of every sequence. A sequence that was never called is another state than one that gave its first number. */
export async function compareSequences({ source, target, ignoreSchemas }: Sides): Promise<string[]> {
  const [left, right] = await Promise.all([statesOf(source, ignoreSchemas), statesOf(target, ignoreSchemas)]);
  return compareNamed('sequence', left, right);
}

async function statesOf(session: Session, ignoreSchemas: readonly string[]): Promise<Named> {
  const sequences = await session.rows<{ schema: string; name: string }>(
    "SELECT nspname AS schema, relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relkind = 'S' AND NOT nspname = ANY ($1) AND nspname !~ '^pg_'",
    [ignoreSchemas],
  );
  const states = new Map<string, { last_value: string; is_called: boolean }>();
  for (const { schema, name } of sequences) {
    states.set(quoteName(schema, name), await session.row(`SELECT last_value::text, is_called FROM ${quoteName(schema, name)}`));
  }
  return states;
}
