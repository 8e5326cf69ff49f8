import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../connection.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';

/**
 * The fence of a database: nobody may connect, whatever the role, superusers included, and everybody who is connected is
 * cut. Ordered from the maintenance database, which stays open. Sessions that exist already and are ours live on, and so
 * does the walsender of our slot; neither could come back, so both are opened before.
 */
export async function closeDatabase(maintenance: Session, database: string): Promise<void> {
  await maintenance.execute(`ALTER DATABASE ${quoteIdent(database)} ALLOW_CONNECTIONS false`);
}

/** Takes the fence down. */
export async function openDatabase(maintenance: Session, database: string): Promise<void> {
  await maintenance.execute(`ALTER DATABASE ${quoteIdent(database)} ALLOW_CONNECTIONS true`);
}

/** Whether the database takes connections. */
export async function isOpen(maintenance: Session, database: string): Promise<boolean> {
  return (await maintenance.row<{ open: boolean }>('SELECT datallowconn AS open FROM pg_catalog.pg_database WHERE datname = $1', [database])).open;
}

/**
 * Foreign sessions of the database: every client backend but the pids given, and parallel workers go with their leaders.
 * A walsender is foreign unless its slot is ours: someone else's replica may read on, it cannot write.
 */
const FOREIGN = `datname = $1 AND backend_type = 'client backend' AND pid <> ALL ($2::int[])`;

/** Terminates every foreign session once; gives how many there were. */
export async function terminateForeign(maintenance: Session, database: string, ours: readonly number[]): Promise<number> {
  const rows = await maintenance.rows(`SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE ${FOREIGN}`, [database, ours]);
  return rows.length;
}

/** Foreign sessions that are still there. */
export async function listForeign(maintenance: Session, database: string, ours: readonly number[]): Promise<{ pid: number; user: string; application: string }[]> {
  return await maintenance.rows(
    `SELECT pid, coalesce(usename, '') AS user, coalesce(application_name, '') AS application FROM pg_catalog.pg_stat_activity WHERE ${FOREIGN}`,
    [database, ours],
  );
}

/** Prepared transactions of the database: they belong to no session, survive the fence, and can still commit. */
export async function listPrepared(maintenance: Session, database: string): Promise<string[]> {
  const rows = await maintenance.rows<{ gid: string }>('SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = $1', [database]);
  return rows.map((row) => row.gid);
}

/** Lets the statements of a session go on when its client is gone, also on a server that is set to end them (14 and later). */
export async function outliveClient(session: Session): Promise<void> {
  if (session.major >= 14) await session.execute('SET client_connection_check_interval = 0');
}

/**
 * The dead-man's switch: the source itself takes the fence down after `afterMs`, even when we, our host and the network
 * are gone by then, because a backend that sleeps does not notice the loss of its client and then runs what follows.
 * `done` resolves when it has fired or was disarmed.
 */
export function armDeadMan(session: Session, database: string, afterMs: number): { readonly pid: number; readonly done: Promise<'fired' | 'disarmed'> } {
  const statements = `SELECT pg_catalog.pg_sleep(${(afterMs / 1000).toFixed(3)}); ALTER DATABASE ${quoteIdent(database)} ALLOW_CONNECTIONS true`;
  const done = session.execute(statements).then(
    () => 'fired' as const,
    () => 'disarmed' as const,
  );
  return { pid: session.pid, done };
}

/**
 * Ends every session of that name on the server, our own excepted, and waits until none is left. Found by name, so that a worker
 * that takes over finds those of the one before it: a dead-man's switch that must not fire any more, or a window of a worker
 * that was given up but still runs.
 */
export async function endSessionsNamed(maintenance: Session, applicationName: string): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const rows = await maintenance.rows(
      `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
        WHERE application_name = ${quoteLiteral(applicationName)} AND pid <> pg_catalog.pg_backend_pid()`,
    );
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new OperationError('fence_unconfirmed', `sessions named ${applicationName} on server ${maintenance.server.name} could not be ended`);
}

/**
 * Opens sessions of ours to a fenced database: it is open for a moment, read-only by default and with no place for roles that
 * are not superusers but one, and closed again before the sessions are given. Only for a database that no longer serves.
 */
export async function admitOurselves<T>(maintenance: Session, database: string, open: () => Promise<T>): Promise<T> {
  const name = quoteIdent(database);
  const before = await maintenance.row<{ open: boolean; limit: number }>('SELECT datallowconn AS open, datconnlimit AS limit FROM pg_catalog.pg_database WHERE datname = $1', [database]);
  if (before.open) return await open();
  await maintenance.execute(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
  await maintenance.execute(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true CONNECTION LIMIT 1`);
  try {
    return await open();
  } finally {
    await maintenance.execute(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false CONNECTION LIMIT ${before.limit}`);
    await maintenance.execute(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
  }
}

/** Makes every new session of the database read-only unless it says otherwise; for the time of an offline copy. */
export async function makeReadOnly(maintenance: Session, database: string): Promise<void> {
  await maintenance.execute(`ALTER DATABASE ${quoteIdent(database)} SET default_transaction_read_only = on`);
}

/** Takes {@link makeReadOnly} back. */
export async function makeWritable(maintenance: Session, database: string): Promise<void> {
  await maintenance.execute(`ALTER DATABASE ${quoteIdent(database)} RESET default_transaction_read_only`);
}
