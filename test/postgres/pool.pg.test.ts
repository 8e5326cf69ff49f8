import { expect, it, vi } from 'vitest';

import { connect } from '../../postgres/connection.ts';
import { SessionPool } from '../../postgres/pool.ts';
import { testServer } from '../support/postgres.ts';

const poolOf = async (size: number): Promise<SessionPool> => new SessionPool(await testServer(18), { purpose: 'pool_test', size });

it('never has more sessions than its size, and serves who waits in the order of coming', async () => {
  await using pool = await poolOf(2);
  const served: number[] = [];
  const pids = new Set<number>();
  let together = 0;
  let most = 0;
  const work = (turn: number) =>
    pool.use(async (session) => {
      most = Math.max(most, (together += 1));
      served.push(turn);
      pids.add(session.pid);
      await session.execute('SELECT pg_sleep(0.01)');
      together -= 1;
    });
  await Promise.all([0, 1, 2, 3, 4, 5].map(work));
  expect({ most, sessions: pids.size }).toEqual({ most: 2, sessions: 2 });
  // The first two dial at the same time, and either may be through first.
  expect(served.filter((turn) => turn > 1)).toEqual([2, 3, 4, 5]);
});

it('goes on after work that failed, and after a session that broke', async () => {
  await using pool = await poolOf(1);
  await expect(pool.transaction((session) => session.execute('SELECT 1/0'))).rejects.toMatchObject({ context: { sqlstate: '22012' } });
  await expect(pool.use((session) => session.execute('SELECT pg_terminate_backend(pg_backend_pid())'))).rejects.toMatchObject({ code: 'connection_lost' });
  expect(await pool.use((session) => session.row('SELECT 1 AS one'))).toEqual({ one: 1 });
});

it('passes over sessions that broke while they were idle', async () => {
  const server = await testServer(18);
  await using pool = await poolOf(1);
  await using other = await connect(server, { purpose: 'test' });
  const pid = await pool.use(async (session) => session.pid);
  await other.execute('SELECT pg_terminate_backend($1, 5000)', [pid]);
  await vi.waitFor(async () => expect(await pool.use(async (session) => session.pid)).not.toBe(pid));
  expect(await pool.use((session) => session.row('SELECT 1 AS one'))).toEqual({ one: 1 });
});

it('gives back the place when a session cannot be opened', async () => {
  await using pool = new SessionPool({ ...(await testServer(18)), port: 1 }, { purpose: 'pool_test', size: 1 });
  for (const _ of [1, 2]) await expect(pool.use(async () => undefined)).rejects.toMatchObject({ code: 'server_unreachable' });
});

it('refuses work when it is closed', async () => {
  const pool = await poolOf(1);
  await pool.close();
  await expect(pool.use(async () => undefined)).rejects.toMatchObject({ code: 'bug' });
});
