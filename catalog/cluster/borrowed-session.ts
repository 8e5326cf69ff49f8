import { listenTo } from '../../postgres/listen.ts';
import type { Session } from '../../postgres/connection.ts';
import type { SessionPool } from '../../postgres/pool.ts';

/** Makes the pool drop the session: it hears still, so nobody else may have it. */
const RETURNED = new Error('given back');

/** A session of a pool that is kept for long, to hear notifications on it; one that broke is replaced by the next call. */
export class BorrowedSession {
  readonly #pool: SessionPool;
  readonly #channel: string;
  readonly #hear: (payload: string) => void;
  #held: { readonly session: Session; readonly giveBack: () => void; readonly ended: Promise<void> } | undefined;

  constructor(pool: SessionPool, channel: string, hear: (payload: string) => void) {
    this.#pool = pool;
    this.#channel = channel;
    this.#hear = hear;
  }

  async open(): Promise<Session> {
    if (this.#held !== undefined && !this.#held.session.lost) return this.#held.session;
    await this.close();
    const { promise: lent, resolve, reject } = Promise.withResolvers<Session>();
    const { promise: back, resolve: giveBack } = Promise.withResolvers<void>();
    const ended = this.#pool.use(async (session) => {
      await listenTo(session, this.#channel, this.#hear);
      resolve(session);
      await back;
      throw RETURNED;
    }).catch(reject);
    const session = await lent;
    this.#held = { session, giveBack, ended };
    return session;
  }

  async close(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    held?.giveBack();
    await held?.ended;
  }
}
