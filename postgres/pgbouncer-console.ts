import pg from 'pg';

import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';

export interface PgBouncerConsole {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret | undefined;
}

/** Longest wait for one order: PAUSE waits for the transactions that are under way. */
const ORDER_MS = 10_000;

/** Gives one order to PgBouncer's admin console, a database of its own that knows simple queries and nothing else. */
export async function adminCommand(place: PgBouncerConsole, command: string): Promise<void> {
  const client = new pg.Client({
    host: place.host,
    port: place.port,
    user: place.user,
    database: 'pgbouncer',
    connectionTimeoutMillis: ORDER_MS,
    query_timeout: ORDER_MS,
    ...(place.password === undefined ? {} : { password: place.password.reveal() }),
  });
  client.on('error', () => undefined); // the query that was under way rejects with it
  try {
    await client.connect();
    await client.query(command);
  } catch (error) {
    const reason = (error as Error).message;
    // Asked for again after a crash, PgBouncer says that it is so already; that is all it can say, it has no SQLSTATE for it.
    if (/already (suspended\/)?paused|not paused/i.test(reason)) return;
    throw new OperationError('route_failed', `PgBouncer at ${place.host}:${place.port} refused ${command.split(' ')[0]}`, { detail: reason, cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}
