import { OperationError } from '../domain/errors.ts';
import type { ServerAddress } from '../domain/server.ts';
import { connect, type Session, type SessionOptions } from '../postgres/connection.ts';

export interface KeptSessionOptions extends SessionOptions {
  /** Where to dial, one after the other until one is the server that is meant. */
  readonly places: () => readonly ServerAddress[];
  /** Whether it is; and what else is to be done once it is open. */
  readonly greet: (session: Session) => Promise<boolean>;
  /** So long a question may take before the connection is given up. */
  readonly patienceMs: number;
}

/** A connection that is kept open, and dialled anew by the next question when it has broken. */
export class KeptSession {
  readonly #options: KeptSessionOptions;
  #dialling: Promise<Session> | undefined;
  #session: Session | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: KeptSessionOptions) {
    this.#options = options;
  }

  /** The open connection. Throws what dialling throws, `server_unreachable` when another server answers. */
  async open(): Promise<Session> {
    if (this.#closed) throw new OperationError('interrupted', 'the agent ends');
    if (this.#session !== undefined && !this.#session.lost) return this.#session;
    this.#session = undefined;
    this.#dialling ??= this.#dial().finally(() => (this.#dialling = undefined));
    return await this.#dialling;
  }

  /** Asks within the patience, one question at a time; a connection that has not answered by then, or has failed, is dropped. */
  ask<T>(question: (session: Session) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#ask(question));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #ask<T>(question: (session: Session) => Promise<T>): Promise<T> {
    const session = await within(this.open(), this.#options.patienceMs, () => undefined);
    return await within(question(session), this.#options.patienceMs, () => this.drop()).catch((error: unknown) => {
      if (session.lost) this.drop();
      throw error;
    });
  }

  drop(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = this.#session;
    this.#session = undefined;
    await within(session?.close() ?? Promise.resolve(), 500, () => session?.destroy()).catch(() => undefined);
  }

  async #dial(): Promise<Session> {
    let reason: unknown;
    for (const place of this.#options.places()) {
      try {
        const session = await connect(place, { connectTimeoutMs: this.#options.patienceMs, ...this.#options });
        if (await within(this.#options.greet(session), this.#options.patienceMs, () => session.destroy())) return (this.#session = session);
        await session.close();
        reason ??= new OperationError('server_unreachable', `another server answers at ${place.host}:${place.port}`);
      } catch (error) {
        reason ??= error;
      }
    }
    throw reason;
  }
}

/** The outcome, or `server_unreachable` when it does not come in time. */
export async function within<T>(work: Promise<T>, ms: number, late: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      late();
      reject(new OperationError('server_unreachable', `no answer came within ${ms} ms`, { context: { timedOut: true } }));
    }, ms);
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined); // its late failure is nobody's business any more
  }
}
