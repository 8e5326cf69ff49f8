import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { connect, type Session } from '../../../postgres/connection.ts';
import { spliceCopy } from '../../../postgres/copy/copy-splice.ts';
import { until } from '../../support/bed-wait.ts';
import { type FreshDatabase, freshDatabase, testServer } from '../../support/postgres.ts';

const MB = 2 ** 20;

interface Pair extends AsyncDisposable {
  readonly source: Session;
  readonly target: Session;
  readonly sourceDatabase: FreshDatabase;
}

/** A table `t` on both sides, with rows on the one. */
async function pairOf(columns: string, rows: string): Promise<Pair> {
  await using made = new AsyncDisposableStack();
  const sourceDatabase = made.use(await freshDatabase(await testServer(15)));
  const targetDatabase = made.use(await freshDatabase(await testServer(18)));
  const source = made.use(await sourceDatabase.session());
  const target = made.use(await targetDatabase.session());
  for (const session of [source, target]) await session.execute(`CREATE TABLE public.t (${columns})`);
  await source.execute(`INSERT INTO public.t ${rows}`);
  const parts = made.move();
  return { source, target, sourceDatabase, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}

const OUT = 'COPY public.t TO STDOUT (FORMAT binary)';
const IN = 'COPY public.t FROM STDIN (FORMAT binary)';
const splice = ({ source, target }: Pair, options: { signal?: AbortSignal; onProgress?: (bytes: number) => void } = {}) => spliceCopy({ session: source, sql: OUT }, { session: target, sql: IN }, options);
const countOn = async (session: Session): Promise<number> => (await session.row<{ count: number }>('SELECT count(*) AS count FROM public.t')).count;

it('both servers count the same rows, and both sessions can be used again', async () => {
  await using pair = await pairOf('id int, word text', `SELECT n, repeat('x', n % 500) FROM generate_series(1, 20000) AS n`);
  for (let round = 1; round <= 2; round += 1) {
    expect(await splice(pair)).toMatchObject({ rows: 20_000 });
    expect(await countOn(pair.target)).toBe(20_000 * round);
    expect(await countOn(pair.source)).toBe(20_000);
  }
});

it('a table without rows, and one without columns, are copied too', async () => {
  await using empty = await pairOf('id int', 'SELECT 1 WHERE false');
  expect(await splice(empty)).toMatchObject({ rows: 0 });
  await using bare = await pairOf('', 'SELECT FROM generate_series(1, 3)');
  expect(await splice(bare)).toMatchObject({ rows: 3 });
});

it('a row of 200 MB passes without being kept in memory', async () => {
  await using pair = await pairOf('body text', `SELECT repeat('0123456789abcdef', ${(200 * MB) / 16})`);
  await pair.source.execute('ALTER TABLE public.t ALTER body SET STORAGE EXTERNAL');
  const memory = (): number => process.memoryUsage().rss;
  const before = memory();
  let highest = before;
  const watch = setInterval(() => (highest = Math.max(highest, memory())), 5);
  const { rows, bytes } = await splice(pair).finally(() => clearInterval(watch));
  expect({ rows, wide: bytes > 200 * MB }).toEqual({ rows: 1, wide: true });
  expect((highest - before) / MB).toBeLessThan(100);
});

it('a row that the target refuses ends the copy with what the target said; both sessions are free or gone, and nothing is left', async () => {
  await using pair = await pairOf('id int, word text', `SELECT n, repeat('x', 300) FROM generate_series(1, 200000) AS n`);
  await pair.target.execute('ALTER TABLE public.t ADD CHECK (id < 100)');
  await expect(splice(pair)).rejects.toMatchObject({ code: 'copy_failed', context: { sqlstate: '23514' } });
  await using fresh = await connect(pair.target.server, { purpose: 'test', database: pair.target.database });
  expect(await countOn(fresh)).toBe(0);
  await using again = await pair.sourceDatabase.session();
  await until('the end of the COPY on the source', async () => (await again.rows("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'")).length === 0);
});

it('a refused row, or a source that is gone in the middle of one, leaves the target a session that answers or is lost', async () => {
  // Rows of several network chunks: the stream is cut inside of one.
  await using pair = await pairOf('id int, word text', `SELECT n, repeat('x', 1000000) FROM generate_series(1, 100) AS n`);
  await pair.target.execute('ALTER TABLE public.t ADD CHECK (id < 10)');
  await expect(pair.target.transaction(() => splice(pair))).rejects.toMatchObject({ context: { sqlstate: '23514' } });
  expect(pair.target.lost || (await countOn(pair.target)) === 0).toBe(true);
  await using other = await pairOf('id int, word text', `SELECT n, repeat('x', 1000000) FROM generate_series(1, 100) AS n`);
  await expect(other.target.transaction(() => splice(other, { onProgress: () => other.source.destroy() }))).rejects.toMatchObject({ code: 'connection_lost' });
  expect(other.target.lost || (await countOn(other.target)) === 0).toBe(true);
});

it('a source that is cut off fails the copy on the target too', async () => {
  await using pair = await pairOf('id int, word text', `SELECT n, repeat('x', 1000) FROM generate_series(1, 100000) AS n`);
  const { server } = pair.sourceDatabase;
  await using killer = await connect(server, { purpose: 'test' });
  let cut = false;
  const onProgress = (): void => {
    if (!cut) void killer.execute('SELECT pg_terminate_backend($1)', [pair.source.pid]);
    cut = true;
  };
  await expect(splice(pair, { onProgress })).rejects.toMatchObject({ code: 'connection_lost' });
  // Cut within a row, the session of the target goes too; else it serves on.
  await using fresh = await connect(pair.target.server, { purpose: 'test', database: pair.target.database });
  expect(await countOn(pair.target.lost ? fresh : pair.target)).toBe(0);
});

it('an abort ends both statements on their servers', async () => {
  await using pair = await pairOf('id int, word text', `SELECT n, repeat('x', 1000) FROM generate_series(1, 100000) AS n`);
  await using watch = await connect(pair.target.server, { purpose: 'test' });
  const stop = new AbortController();
  const running = splice(pair, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
  await expect(running).rejects.toThrow('enough');
  await until('the end of the COPY on the target', async () => (await watch.rows('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pair.target.pid])).length === 0);
  await using fresh = await connect(pair.target.server, { purpose: 'test', database: pair.target.database });
  expect(await countOn(fresh)).toBe(0);
});

it('an abort before the start, or while the target waits for a lock, is heard', async () => {
  await using pair = await pairOf('id int', 'SELECT 1');
  await expect(splice(pair, { signal: AbortSignal.abort(new Error('never began')) })).rejects.toThrow('never began');
  await using other = await pairOf('id int', 'SELECT 1');
  await using locker = await connect(other.target.server, { purpose: 'test', database: other.target.database });
  await locker.execute('BEGIN; LOCK TABLE public.t');
  const stop = new AbortController();
  const running = splice(other, { signal: stop.signal });
  await until('the COPY to wait', async () => (await locker.rows('SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))')).length > 0);
  await sleep(20);
  stop.abort(new Error('waited long enough'));
  await expect(running).rejects.toThrow('waited long enough');
});
