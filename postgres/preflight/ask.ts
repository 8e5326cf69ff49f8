import { reportOf } from '../../domain/errors.ts';
import type { Fact } from '../../domain/preflight/fact.ts';
import type { Session } from '../connection.ts';

/** The answer, or the report of why there is none. */
export async function fact<T>(question: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { ok: await question() };
  } catch (error) {
    return { failed: reportOf(error) };
  }
}

/** Questions to one session, one after the other. Without a session every answer is the reason why there is none. */
export const asking =
  (session: Fact<Session>) =>
  <T>(question: (session: Session) => Promise<T>): Promise<Fact<T>> =>
    'ok' in session ? fact(() => question(session.ok)) : Promise.resolve(session);

/** A fact drawn from another. */
export const derive = <T, U>(known: Fact<T>, next: (value: T) => U): Fact<U> => ('ok' in known ? { ok: next(known.ok) } : known);
