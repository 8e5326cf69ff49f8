import type { Session } from './connection.ts';
import { quoteIdent, quoteLiteral } from './quoting.ts';

export interface DatabaseFacts {
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
}

/** Encoding and locale of a database, or undefined when there is none of that name. */
export async function readDatabase(session: Session, name: string): Promise<DatabaseFacts | undefined> {
  return await session.maybeRow<DatabaseFacts>(
    `SELECT pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype
       FROM pg_catalog.pg_database WHERE datname = $1`,
    [name],
  );
}

/** The comment that marks a database as made by a run, so that an abort may drop it. */
const madeBy = (runId: string): string => `made by pgconvoy run ${runId}`;

/**
 * Creates a database like another one, marked as ours; fine if it exists. The comment is written by the very next statement:
 * CREATE DATABASE cannot be part of a transaction.
 */
export async function ensureDatabase(session: Session, runId: string, name: string, like: DatabaseFacts): Promise<'made' | 'present'> {
  if ((await readDatabase(session, name)) !== undefined) return (await isMadeBy(session, runId, name)) ? 'made' : 'present';
  await session.execute(
    `CREATE DATABASE ${quoteIdent(name)} TEMPLATE template0 ENCODING ${quoteLiteral(like.encoding)} LC_COLLATE ${quoteLiteral(like.collate)} LC_CTYPE ${quoteLiteral(like.ctype)}`,
  );
  await session.execute(`COMMENT ON DATABASE ${quoteIdent(name)} IS ${quoteLiteral(madeBy(runId))}`);
  return 'made';
}

/** Creates an empty database of our own (the catalog's) unless there is one of that name. */
export async function createMissingDatabase(session: Session, name: string): Promise<void> {
  if ((await readDatabase(session, name)) === undefined) await session.execute(`CREATE DATABASE ${quoteIdent(name)}`);
}

/** Whether the database was created by this run. */
export async function isMadeBy(session: Session, runId: string, name: string): Promise<boolean> {
  const row = await session.maybeRow<{ comment: string | null }>(
    `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = $1`,
    [name],
  );
  return row?.comment === madeBy(runId);
}

/** Takes our mark off a database that is now the application's, and gives it the comment that it is to have. */
export async function unmarkDatabase(session: Session, { runId, name, comment }: { runId: string; name: string; comment: string | null }): Promise<void> {
  if (!(await isMadeBy(session, runId, name))) return;
  await session.execute(`COMMENT ON DATABASE ${quoteIdent(name)} IS ${comment === null ? 'NULL' : quoteLiteral(comment)}`);
}

/** Drops a database that this run made, with the sessions in it; any other is left alone. */
export async function dropDatabaseMadeBy(session: Session, runId: string, name: string): Promise<boolean> {
  if (!(await isMadeBy(session, runId, name))) return false;
  await session.execute(`ALTER DATABASE ${quoteIdent(name)} ALLOW_CONNECTIONS false`);
  await session.execute('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1', [name]);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await session.execute(`DROP DATABASE IF EXISTS ${quoteIdent(name)}`);
      return true;
    } catch (error) {
      if (attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
