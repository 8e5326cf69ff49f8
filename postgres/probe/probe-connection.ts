import pg from 'pg';

import { tlsOptions } from '../tls-options.ts';
import { sqlstateOf } from '../sqlstate.ts';
import type { ProbeRoute } from './probe-route.ts';

export interface ProbeAnswer {
  readonly rows: readonly (readonly unknown[])[];
  /** A warning came with it: a wait for a standby that was cancelled ends like this, and not in an error. */
  readonly warned: boolean;
}

/** Why there is no answer. `answered`: the server refused the statement, which has had no effect; else nobody knows what it did. */
export class ProbeFailure extends Error {
  readonly code: string;
  readonly answered: boolean;
  readonly lost: boolean;

  constructor(code: string, { answered, lost }: { answered: boolean; lost: boolean }) {
    super(`no answer: ${code}`);
    this.code = code;
    this.answered = answered;
    this.lost = lost;
  }
}

/** One connection of the probe: every question of it ends in time, with an answer or by being cut. */
export class ProbeConnection {
  readonly host: number;
  readonly #client: pg.Client;
  readonly #queryMs: number;
  #warned = false;

  private constructor(client: pg.Client, host: number, queryMs: number) {
    [this.#client, this.host, this.#queryMs] = [client, host, queryMs];
    client.on('error', () => undefined); // the question that runs is rejected with it, and the next one
    client.on('notice', ({ severity }) => {
      if (severity === 'WARNING') this.#warned = true;
    });
  }

  /** Throws a {@link ProbeFailure}. */
  static async dial(route: ProbeRoute, host: number): Promise<ProbeConnection> {
    const { host: name, port } = route.hosts[host]!;
    const attempt = async (tls: boolean): Promise<ProbeConnection> => {
      const client = new pg.Client({
        host: name, port, user: route.user, database: route.database, application_name: 'pgconvoy_probe',
        ...(route.password === undefined ? {} : { password: route.password.reveal() }),
        ssl: tls ? tlsOptions(route.tls, name) : false,
      });
      const connection = new ProbeConnection(client, host, route.limits.queryMs);
      await within(route.limits.connectMs, client.connect(), () => connection.cut());
      return connection;
    };
    try {
      return await attempt(route.tls.mode !== 'disable');
    } catch (error) {
      // As libpq does with `prefer`: pg has no code for a server without TLS, only this sentence.
      if (route.tls.mode === 'prefer' && error instanceof Error && error.message === 'The server does not support SSL connections') return await attempt(false).catch((plain: unknown) => Promise.reject(failureOf(plain)));
      throw failureOf(error);
    }
  }

  /** One statement, over the simple protocol, which any pooler lets through. Throws a {@link ProbeFailure}. */
  async ask(sql: string): Promise<ProbeAnswer> {
    this.#warned = false;
    try {
      const { rows } = await within(this.#queryMs, this.#client.query({ text: sql, rowMode: 'array' }), () => this.cut());
      return { rows: rows as unknown[][], warned: this.#warned };
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** Without a good-bye, so that nothing waits for a server that hangs. */
  cut(): void {
    (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  async close(): Promise<void> {
    await within(1000, this.#client.end(), () => this.cut()).catch(() => undefined);
  }
}

const TIMED_OUT = 'timed-out';

async function within<T>(ms: number, work: Promise<T>, cut: () => void): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new ProbeFailure(TIMED_OUT, { answered: false, lost: true }));
    cut();
  }, ms);
  // What it does after the time is nobody's concern.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error that ends the session may come after the commit, and says nothing about it. */
function failureOf(error: unknown): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const { severity, code } = error as { severity?: string; code?: string };
  const state = sqlstateOf(error);
  const fatal = severity === 'FATAL' || severity === 'PANIC';
  return new ProbeFailure(state ?? code ?? 'connection-lost', { answered: state !== undefined && !fatal, lost: state === undefined || fatal });
}
