import pg from 'pg';

import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';

export interface PgBouncerPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret | undefined;
}

/** An entry of [databases] as it is in force. */
export interface PoolEntry {
  readonly host: string | null;
  readonly port: number;
  readonly database: string;
  /** Its own, where it has one; `null` means that of the whole PgBouncer. */
  readonly poolMode: string | null;
  /** Told to pause; says nothing about whether all that was under way has ended. */
  readonly paused: boolean;
}

/** PgBouncer's admin console. Errors of all its questions: `route_failed`. */
export interface PgBouncerConsole extends AsyncDisposable {
  /** Gives an order and waits for its end: that of PAUSE is the end of the last transaction. */
  order(command: string): Promise<void>;
  entry(name: string): Promise<PoolEntry | undefined>;
  /** The modes of the pools that an entry has by now: a role can have one of its own. */
  poolModes(name: string): Promise<string[]>;
  /** The settings in force, by name. */
  settings(): Promise<Readonly<Record<string, string | null>>>;
}

/** Longest wait for a connection or an answer, where nobody says otherwise. */
const PATIENCE_MS = 10_000;

/**
 * Opens the console, a database of its own that knows simple queries and nothing else.
 * https://www.pgbouncer.org/usage.html#admin-console
 *
 * Whatever it refuses has the SQLSTATE 08P01, from a wrong password to RESUME of what is not paused. Nothing is decided by the
 * texts: whoever wants to know how things are asks before he orders.
 *
 * @param signal ends the conversation, in the middle of an order too
 */
export async function openConsole(place: PgBouncerPlace, signal?: AbortSignal): Promise<PgBouncerConsole> {
  const client = new pg.Client({
    host: place.host,
    port: place.port,
    user: place.user,
    database: 'pgbouncer',
    connectionTimeoutMillis: PATIENCE_MS,
    ...(signal === undefined ? { query_timeout: PATIENCE_MS } : {}),
    ...(place.password === undefined ? {} : { password: place.password.reveal() }),
  });
  client.on('error', () => undefined); // the query that is under way rejects with it
  const hangUp = (): void => void client.end().catch(() => undefined);
  signal?.addEventListener('abort', () => client.connection.stream.destroy(), { once: true });
  const say = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      throw new OperationError('route_failed', `PgBouncer at ${place.host}:${place.port} refused ${doing}`, { detail: `It said: ${(error as Error).message}.`, cause: error });
    }
  };
  const show = <T extends object>(what: string): Promise<T[]> => say(`SHOW ${what}`, async () => (await client.query<T>(`SHOW ${what}`)).rows);
  try {
    await say(`role ${place.user} its console`, () => client.connect());
  } catch (error) {
    hangUp();
    throw error;
  }
  return {
    order: async (command) => void (await say(command, () => client.query(command))),
    entry: async (name) => {
      const row = (await show<EntryRow>('DATABASES')).find((one) => one.name === name);
      return row && { host: row.host, port: row.port, database: row.database, poolMode: row.pool_mode, paused: row.paused === 1 };
    },
    poolModes: async (name) => [...new Set((await show<{ database: string; pool_mode: string }>('POOLS')).filter(({ database }) => database === name).map((pool) => pool.pool_mode))],
    settings: async () => Object.fromEntries((await show<{ key: string; value: string | null }>('CONFIG')).map(({ key, value }) => [key, value])),
    [Symbol.asyncDispose]: () => client.end().catch(() => undefined),
  };
}

interface EntryRow {
  readonly name: string;
  readonly host: string | null;
  readonly port: number;
  readonly database: string;
  readonly pool_mode: string | null;
  readonly paused: number;
}
