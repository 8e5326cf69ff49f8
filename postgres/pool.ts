import { OperationError } from '../domain/errors.ts';
import type { ServerAddress } from '../domain/server.ts';
import { connect, type Session, type SessionOptions } from './connection.ts';

export interface PoolOptions extends SessionOptions {
  /** The most sessions that are open at once. Who comes when all are taken waits in line. */
  readonly size: number;
}

/**
 * A few sessions to one database, dialled when first needed and lent to one piece of work at a time. A session whose
 * work failed is dropped: it may be breaking (the server's last word arrives before its socket closes), and dialling
 * again after a restart of the server is then the next piece of work's natural course.
 */
export class SessionPool implements AsyncDisposable {
  readonly #server: ServerAddress;
  readonly #options: PoolOptions;
  readonly #idle: Session[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  constructor(server: ServerAddress, options: PoolOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Lends a session to `work`. Throws what `connect` throws, and what `work` throws. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await this.#takePlace();
    try {
      const session = this.#takeIdle() ?? (await connect(this.#server, this.#options));
      const value = await work(session).catch((error: unknown) => {
        session.destroy();
        throw error;
      });
      if (this.#closed) await session.close();
      else this.#idle.push(session);
      return value;
    } finally {
      this.#freePlace();
    }
  }

  /** Lends a session inside a transaction; anything thrown rolls back. `mode` follows BEGIN. */
  transaction<T>(work: (session: Session) => Promise<T>, mode?: string): Promise<T> {
    return this.use((session) => session.transaction(() => work(session), mode));
  }

  /** Closes the idle sessions now and the lent ones when they come back. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((session) => session.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #takePlace(): Promise<void> {
    if (this.#closed) throw new OperationError('bug', `the pool of sessions to server ${this.#server.name} is closed`);
    if (this.#taken < this.#options.size) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The place goes straight to the first in line, so that nobody who comes later can take it. */
  #freePlace(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  /** A session that broke while it was idle, by a restart of the server, is passed over. */
  #takeIdle(): Session | undefined {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (!session.lost) return session;
    }
    return undefined;
  }
}
