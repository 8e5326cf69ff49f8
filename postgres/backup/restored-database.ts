import { assignment } from '../database-properties.ts';
import type { Session } from '../connection.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';
import { OUR_PREFIX } from '../tables.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';

/** What a database is to be, as the manifest has it. */
export interface DatabaseWish {
  readonly encoding: string;
  readonly collation: string;
  readonly characterType: string;
}

/**
 * What a database is called until it is whole: nobody takes it for the real one, and the next attempt knows it for this run's.
 * It gets its own name with the very last statement.
 */
export const restoringName = (runId: string): string => `${OUR_PREFIX}restore_${runId}`;
/** What it is called after a restore that failed for good. */
export const quarantineName = (runId: string): string => `${OUR_PREFIX}quarantine_${runId}`;

export async function databaseExists(session: Session, name: string): Promise<boolean> {
  return (await session.maybeRow('SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1', [name])) !== undefined;
}

/** Relations and functions that are not the system's, in the session's own database. */
export async function countObjects(session: Session): Promise<number> {
  const { count } = await session.row<{ count: number }>(`
    SELECT (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information_schema$)')
         + (SELECT count(*) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname !~ '^(pg_|information_schema$)') AS count`);
  return count;
}

/** `wrong_object_type`: "invalid locale name"; from 16 on `invalid_parameter_value`. */
const NO_SUCH_LOCALE: ReadonlySet<string | undefined> = new Set(['42809', SQLSTATE.invalidParameterValue]);

/**
 * Creates it, open to nobody but its owner (us) and superusers. With `orLocale`, that one is taken where the server has not the
 * wanted one, and given back.
 */
export async function createRestoringDatabase(session: Session, runId: string, wish: DatabaseWish, orLocale?: string): Promise<string> {
  const name = quoteIdent(restoringName(runId));
  const create = (collation: string, characterType: string): string =>
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING ${quoteLiteral(wish.encoding)} LC_COLLATE ${quoteLiteral(collation)} LC_CTYPE ${quoteLiteral(characterType)}`;
  let { collation } = wish;
  await session.execute(create(collation, wish.characterType)).catch(async (error: unknown) => {
    if (orLocale === undefined || !NO_SUCH_LOCALE.has(sqlstateOf(error))) throw error;
    collation = orLocale;
    await session.execute(create(orLocale, orLocale));
  });
  await session.execute(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
  return collation;
}

/** The comment of a database that a run has restored: by it a repeated attempt knows that all is done. */
const restoredBy = (runId: string): string => `by pgconvoy run ${runId}`;

/** How a database stands to a run: whether there is one of that name, and whether this run has restored it. */
export async function lookAtTarget(session: Session, runId: string, name: string): Promise<'absent' | 'restored' | 'foreign'> {
  const row = await session.maybeRow<{ comment: string | null }>(`SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = $1`, [name]);
  if (row === undefined) return 'absent';
  return row.comment?.endsWith(restoredBy(runId)) === true ? 'restored' : 'foreign';
}

/** Gives a whole database its own name and opens it, in one transaction; with the mark that this run has restored it. */
export async function publishDatabase(session: Session, runId: string, { name, backupId }: { readonly name: string; readonly backupId: string }): Promise<void> {
  const database = quoteIdent(restoringName(runId));
  const statements = [
    `GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO PUBLIC`,
    `COMMENT ON DATABASE ${database} IS ${quoteLiteral(`restored from backup ${backupId} ${restoredBy(runId)}`)}`,
    `ALTER DATABASE ${database} RENAME TO ${quoteIdent(name)}`,
  ];
  await endSessions(session, restoringName(runId));
  await untilUnused(() => session.transaction(async () => await session.execute(statements.join('; '))));
}

export interface DatabaseProperties {
  readonly owner: string | undefined;
  /** `name=value`, of all roles. */
  readonly settings: readonly string[];
  /** As the archive has them, for this name. */
  readonly statements: readonly string[];
  /** The last one: it takes the place of our mark. */
  readonly comment: string | null;
}

/** What belongs to a database as a whole (B16). May be said again. */
export async function writeProperties(session: Session, name: string, { owner, settings, statements, comment }: DatabaseProperties): Promise<void> {
  const database = quoteIdent(name);
  const all = [
    ...(owner === undefined ? [] : [`ALTER DATABASE ${database} OWNER TO ${quoteIdent(owner)}`]),
    ...settings.map((setting) => `ALTER DATABASE ${database} SET ${assignment(setting)}`),
    ...statements,
    ...(comment === null ? [] : [comment]),
  ];
  for (const statement of all) await session.execute(statement);
}

/** Drops what this run was restoring; fine when there is none. */
export const dropRestoring = (session: Session, runId: string): Promise<void> => dropOurs(session, restoringName(runId));
/** What a proof restored on a server that others use too, also when it failed. */
export async function dropProven(session: Session, runId: string, name: string): Promise<void> {
  for (const one of [name, quarantineName(runId)]) await dropOurs(session, one);
}

async function dropOurs(session: Session, name: string): Promise<void> {
  if (!(await databaseExists(session, name))) return;
  await session.execute(`ALTER DATABASE ${quoteIdent(name)} ALLOW_CONNECTIONS false`);
  await endSessions(session, name);
  await untilUnused(() => session.execute(`DROP DATABASE IF EXISTS ${quoteIdent(name)}`));
}

export interface Quarantine {
  readonly database: string;
  /** What removes it. */
  readonly command: string;
}

/**
 * Closes a database that could not be restored to everybody, under a name that says so and with the reason as its comment.
 * Undefined when there is none of this run.
 */
export async function quarantineRestoring(session: Session, runId: string, reason: string): Promise<Quarantine | undefined> {
  const database = quarantineName(runId);
  const command = `DROP DATABASE ${quoteIdent(database)};`;
  if (await databaseExists(session, database)) return { database, command };
  const name = restoringName(runId);
  if (!(await databaseExists(session, name))) return undefined;
  await session.execute(`ALTER DATABASE ${quoteIdent(name)} ALLOW_CONNECTIONS false`);
  await session.execute(`COMMENT ON DATABASE ${quoteIdent(name)} IS ${quoteLiteral(`not whole: ${reason}`)}`);
  await endSessions(session, name);
  await untilUnused(() => session.execute(`ALTER DATABASE ${quoteIdent(name)} RENAME TO ${quoteIdent(database)}`));
  return { database, command };
}

/** Ends what an attempt before this one may still have under way in there. */
export const endRestoringSessions = (session: Session, runId: string): Promise<void> => endSessions(session, restoringName(runId));

/** Those that our role may end; vacuum, which is the superuser's, goes by itself when somebody wants to drop or rename the database. */
async function endSessions(session: Session, name: string): Promise<void> {
  await session.execute(
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE datname = $1 AND usesysid IS NOT NULL AND (pg_catalog.pg_has_role(usesysid, 'USAGE') OR (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user))`,
    [name],
  );
}

const TRIES = 100;
const PAUSE_MS = 100;

/** A session that was told to end is there for some moments more. */
async function untilUnused(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === TRIES || sqlstateOf(error) !== SQLSTATE.objectInUse) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
