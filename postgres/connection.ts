import pg from 'pg';

import { OperationError } from '../domain/errors.ts';
import type { ServerAddress } from '../domain/server.ts';
import { classify, toOperationError } from './sqlstate.ts';
import { tlsOptions } from './tls-options.ts';
import { VALUE_PARSERS } from './value-parsers.ts';

export type Row = Record<string, unknown>;

export interface SessionOptions {
  /** Default: the server's maintenance database. */
  readonly database?: string;
  /** Shown in pg_stat_activity; `pgconvoy_…` is put in front, so that our own sessions are told from the application's. */
  readonly purpose: string;
  /** Milliseconds to the first answer of the server. */
  readonly connectTimeoutMs?: number;
  /** A walsender session, which takes replication commands as well as simple SQL. */
  readonly replication?: boolean;
  /** Extra settings for the session, sent with the start-up packet. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The application_name that every session of ours begins with. */
export const APPLICATION_PREFIX = 'pgconvoy_';

/**
 * Never depend on the server's defaults: a statement_timeout set for the application must not end a long copy, and text
 * must look the same on both sides.
 */
const SESSION_SETTINGS = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  client_encoding: 'UTF8',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  search_path: '',
  standard_conforming_strings: 'on',
  row_security: 'off',
} as const;

/** One connection to one database. Close it; it does not reconnect. */
export class Session implements AsyncDisposable {
  readonly server: ServerAddress;
  readonly database: string;
  /** The driver's own client, for the two modules of this folder that speak the protocol themselves. */
  readonly client: pg.Client;
  /** The server's major version, for example 18. */
  readonly major: number;
  #lost: Error | undefined;

  constructor(server: ServerAddress, database: string, connected: { client: pg.Client; major: number }) {
    this.server = server;
    this.database = database;
    this.client = connected.client;
    this.major = connected.major;
    this.client.on('error', (error) => {
      this.#lost = error;
    });
  }

  /** Rows of one statement; `T` is the caller's claim on their shape. */
  async rows<T extends object = Row>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    const result = await this.#run(sql, values);
    return result.rows as T[];
  }

  /** The only row of a statement; none is a bug of ours. */
  async row<T extends object = Row>(sql: string, values: readonly unknown[] = []): Promise<T> {
    const [first] = await this.rows<T>(sql, values);
    if (first === undefined) throw new OperationError('bug', `no row came back from ${this.place()}`, { detail: sql });
    return first;
  }

  /** The first row, or undefined. */
  async maybeRow<T extends object = Row>(sql: string, values: readonly unknown[] = []): Promise<T | undefined> {
    return (await this.rows<T>(sql, values))[0];
  }

  /** Runs a statement, or several separated by semicolons when there are no values; gives the number of rows it touched. */
  async execute(sql: string, values: readonly unknown[] = []): Promise<number> {
    const result = await this.#run(sql, values);
    return Array.isArray(result) ? 0 : (result.rowCount ?? 0);
  }

  /** Runs `work` between BEGIN and COMMIT; anything thrown rolls back. `mode` follows BEGIN. */
  async transaction<T>(work: () => Promise<T>, mode = 'ISOLATION LEVEL READ COMMITTED'): Promise<T> {
    await this.execute(`BEGIN ${mode}`);
    try {
      const value = await work();
      await this.execute('COMMIT');
      return value;
    } catch (error) {
      if (this.#lost === undefined) await this.execute('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** `database shop on server shop-old`, for messages. */
  place(): string {
    return `database ${this.database} on server ${this.server.name}`;
  }

  /** Whether the connection has broken. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** The backend's process id on the server. */
  get pid(): number {
    return (this.client as unknown as { processID: number }).processID;
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  /** Cuts the connection without saying good-bye, so that nothing waits for a hanging server. */
  destroy(): void {
    (this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(sql: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      return values.length === 0 ? await this.client.query(sql) : await this.client.query(sql, [...values]);
    } catch (error) {
      throw toOperationError(this.#lost ?? error, `run a statement in ${this.place()}`);
    }
  }
}

/** Opens a session. Throws `server_unreachable`, `authentication_failed`, `tls_failed`, `database_missing`, `too_many_connections`. */
export async function connect(server: ServerAddress, options: SessionOptions): Promise<Session> {
  const database = options.database ?? server.maintenanceDatabase;
  try {
    return await dial(server, database, options, server.tls.mode !== 'disable');
  } catch (error) {
    // `prefer` falls back to plain text only when the server has no TLS at all, as libpq does.
    if (server.tls.mode === 'prefer' && isTlsRefusal(error)) return await dial(server, database, options, false).catch((plain: unknown) => refuse(plain, server, database));
    return refuse(error, server, database);
  }
}

async function dial(server: ServerAddress, database: string, options: SessionOptions, tls: boolean): Promise<Session> {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    user: server.user,
    database,
    ...(server.password === undefined ? {} : { password: server.password.reveal() }),
    application_name: `${APPLICATION_PREFIX}${options.purpose}`,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ssl: tls ? tlsOptions(server.tls, server.host) : false,
    ...(options.replication === true ? { replication: 'database' } : {}),
    types: VALUE_PARSERS,
  } as pg.ClientConfig);
  let version = '';
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
    if (status.parameterName === 'server_version') version = status.parameterValue;
  });
  const lostWhileDialling = (): undefined => undefined; // connect() rejects with the same error
  client.on('error', lostWhileDialling);
  await client.connect();
  const major = Number.parseInt(version, 10);
  const session = new Session(server, database, { client, major });
  const settings = { ...SESSION_SETTINGS, ...timeoutsOf(major), ...options.settings };
  // Not in the start-up packet: poolers refuse parameters there that they do not know.
  const assignments = Object.entries(settings).map(([name, value]) => `SET ${name} = '${value.replaceAll("'", "''")}'`);
  try {
    await client.query(assignments.join('; '));
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Time-outs that came with later majors. */
const timeoutsOf = (major: number): Record<string, string> => ({
  ...(major >= 14 ? { idle_session_timeout: '0' } : {}),
  ...(major >= 17 ? { transaction_timeout: '0' } : {}),
});

/** pg has no code for a server that answers `N` to the TLS request, only this sentence of its own. */
const isTlsRefusal = (error: unknown): boolean => error instanceof Error && error.message === 'The server does not support SSL connections';

function refuse(error: unknown, server: ServerAddress, database: string): never {
  const attempt = `connect to database ${database} on server ${server.name} (${server.host}:${server.port})`;
  const code = isTlsRefusal(error) ? 'tls_failed' : classify(error);
  const known = code === 'connection_lost' || code === 'query_failed' ? 'server_unreachable' : code;
  const { message, code: state } = error as Error & { code?: string };
  throw new OperationError(known, `could not ${attempt}`, { detail: message || state, context: state ? { sqlstate: state } : {}, cause: error });
}
