import type pg from 'pg';

import type { Session } from '../connection.ts';
import { toOperationError } from '../sqlstate.ts';

/**
 * Runs the owner's question in a transaction that can change nothing, with the search path that the database gives to everybody.
 * Over the extended protocol, which takes one statement: no second one can end the transaction. Gives the first value.
 */
export async function askSmokeQuery(session: Session, sql: string): Promise<string | null> {
  return await session.transaction(async () => {
    await session.execute('RESET search_path');
    try {
      const question = { text: sql, rowMode: 'array', queryMode: 'extended', types: { getTypeParser: () => (text: string) => text } };
      const { rows } = await session.client.query<(string | null)[]>(question as pg.QueryArrayConfig);
      return rows[0]?.[0] ?? null;
    } catch (error) {
      throw toOperationError(error, `run a smoke query in ${session.place()}`);
    } finally {
      await session.execute("SET search_path = ''").catch(() => undefined); // the transaction has failed, and goes back with it
    }
  }, 'READ ONLY');
}
