import { setTimeout as sleep } from 'node:timers/promises';

import { ProbeConnection, type ProbeFailure } from './probe-connection.ts';
import type { ProbeRoute } from './probe-route.ts';

/** Between two questions to a standby, and between two dials of a host that refuses: longer, since a dial starts a process there. */
const ASK_AGAIN_MS = 5;
const DIAL_AGAIN_MS = 20;
/** Ends of the same moment do not all dial in the same moment. */
const SPREAD_MS = 5;

/**
 * The way of an application that has several hosts in its connection string and wants the one that takes writes (libpq's target_session_attrs=read-write,
 * which pg lacks), as its pool would do it: who loses a connection looks for the writable host together with the others, with one connection to each host
 * that is asked again and again. So a host that is dead holds up nobody, and a crowd of writers does not keep the machine busy with dialling.
 */
export class WritableHost {
  readonly #route: ProbeRoute;
  readonly #failed: (who: string, code: string) => void;
  #known: number | undefined;
  #search: Promise<number | undefined> | undefined;

  /** `failed` is told of every dial of a writer or reader that failed. */
  constructor(route: ProbeRoute, failed: (who: string, code: string) => void) {
    [this.#route, this.#failed] = [route, failed];
    if (route.hosts.length === 1) this.#known = 0;
  }

  /** A connection to the writable host, however long that takes; undefined when `signal` ends it. */
  async open(who: string, signal: AbortSignal): Promise<ProbeConnection | undefined> {
    while (!signal.aborted) {
      const host = this.#known ?? (await (this.#search ??= this.#find(signal)));
      if (host === undefined) return undefined;
      try {
        return await ProbeConnection.dial(this.#route, host);
      } catch (error) {
        this.#failed(who, (error as ProbeFailure).code);
        this.lost(host);
        await sleep(DIAL_AGAIN_MS + Math.random() * SPREAD_MS);
      }
    }
    return undefined;
  }

  /** A connection to it has broken, or it takes no writes. */
  lost(host: number): void {
    if (this.#known === host && this.#route.hosts.length > 1) this.#known = undefined;
  }

  async #find(signal: AbortSignal): Promise<number | undefined> {
    const done = new AbortController();
    const over = AbortSignal.any([signal, done.signal]);
    const found = Promise.withResolvers<number | undefined>();
    signal.addEventListener('abort', () => found.resolve(undefined), { once: true });
    if (signal.aborted) found.resolve(undefined);
    for (const host of this.#route.hosts.keys()) void this.#scout(host, over).then((writable) => writable && found.resolve(host));
    this.#known = await found.promise;
    this.#search = undefined;
    done.abort();
    return this.#known;
  }

  /** Whether the host has become writable; false when the search is over. */
  async #scout(host: number, over: AbortSignal): Promise<boolean> {
    while (!over.aborted) {
      let connection: ProbeConnection | undefined;
      try {
        connection = await ProbeConnection.dial(this.#route, host);
        while (!over.aborted) {
          const { rows } = await connection.ask('SELECT pg_catalog.pg_is_in_recovery()');
          if (rows[0]?.[0] === false) return !over.aborted;
          await sleep(ASK_AGAIN_MS);
        }
      } catch {
        await sleep(DIAL_AGAIN_MS);
      } finally {
        connection?.cut();
      }
    }
    return false;
  }
}
