import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ServerAddress } from '../../../domain/server.ts';

export interface WritersReport {
  /** `writer/number` of every row that was acknowledged. */
  readonly acknowledged: readonly string[];
  /** Statements that broke, per writer. */
  readonly errors: readonly number[];
  /** Longest time between two acknowledgements of each writer, in milliseconds. */
  readonly gaps: readonly number[];
}

/** No two writers of a test file ever write the same row. */
let begun = 0;

/** Writers that dial one of several places, whichever takes writes, and go on at once when a connection breaks. */
export function startWriters(count: number, places: readonly Pick<ServerAddress, 'host' | 'port' | 'user' | 'password'>[], database = 'postgres') {
  let stopped = false;
  const first = 1_000_000 * ++begun;
  const acknowledged: string[] = [];
  const errors = Array.from({ length: count }, () => 0);
  const gaps = Array.from({ length: count }, () => 0);
  const written = Array.from({ length: count }, () => 0);
  const dial = async (): Promise<pg.Client | undefined> => {
    for (const { host, port, user, password } of places) {
      const client = new pg.Client({ host, port, user, password: password?.reveal(), database, connectionTimeoutMillis: 2000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        if (places.length === 1 || (await client.query('SELECT pg_is_in_recovery() AS r')).rows[0].r === false) return client;
      } catch {
        // the next place
      }
      void client.end().catch(() => undefined);
    }
    return undefined;
  };
  const write = async (writer: number): Promise<void> => {
    let client: pg.Client | undefined;
    let last: number | undefined;
    for (let number = first; !stopped; ) {
      client ??= await dial();
      if (client === undefined) {
        await sleep(3);
        continue;
      }
      try {
        await client.query('INSERT INTO public.written VALUES ($1, $2)', [writer, number]);
        const now = performance.now();
        gaps[writer] = Math.max(gaps[writer]!, last === undefined ? 0 : now - last);
        last = now;
        acknowledged.push(`${writer}/${number}`);
        written[writer]! += 1;
        number += 1;
      } catch {
        errors[writer]! += 1;
        number += 1;
        void client.end().catch(() => undefined);
        client = undefined;
      }
    }
    await client?.end();
  };
  const all = Array.from({ length: count }, (_, writer) => write(writer));
  return {
    /** Resolves when every writer has had so many more acknowledged. */
    async more(rows: number): Promise<void> {
      const goals = written.map((number) => number + rows);
      while (!goals.every((goal, writer) => written[writer]! >= goal)) await sleep(5);
    },
    async stop(): Promise<WritersReport> {
      stopped = true;
      await Promise.all(all);
      return { acknowledged, errors, gaps };
    },
  };
}
