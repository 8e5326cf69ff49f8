import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { until } from './bed-wait.ts';

/** A transaction that stands in somebody's way. `await using` lets go. */
export interface Hold extends AsyncDisposable {
  /** Resolves when somebody waits for it; gives the application names of who does. */
  waited(): Promise<string[]>;
  release(): Promise<void>;
}

/** Runs `sql` in a transaction that stays open: its locks, and the unique names it has taken, are not to be had until it is released. */
export async function holdUp(server: ServerAddress, database: string, sql: string): Promise<Hold> {
  const session = await connect(server, { purpose: 'test_hold', database });
  await session.execute(`BEGIN; ${sql}`);
  const release = async (): Promise<void> => {
    await session.execute('ROLLBACK').catch(() => undefined);
    await session.close();
  };
  return {
    waited: async () => {
      await using looking = await connect(server, { purpose: 'test' });
      return await until(`somebody to wait for: ${sql}`, async () => {
        const rows = await looking.rows<{ name: string }>('SELECT application_name AS name FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))', [session.pid]);
        return rows.length > 0 && rows.map(({ name }) => name);
      });
    },
    release,
    [Symbol.asyncDispose]: release,
  };
}
