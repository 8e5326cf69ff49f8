import { NAMES_SHOWN, type Names } from '../../domain/preflight/fact.ts';
import type { Session } from '../connection.ts';

/** Asks for names (a SELECT of one column `name`) and gets their number and the first of them: 50,000 tables cost ten names. */
export async function readNames(session: Session, question: string, values: readonly unknown[] = []): Promise<Names> {
  return await session.row<Names>(
    `WITH found AS (${question})
     SELECT count(*)::int AS count, ARRAY(SELECT name::text FROM found ORDER BY name::text LIMIT ${NAMES_SHOWN}) AS first FROM found`,
    values,
  );
}
