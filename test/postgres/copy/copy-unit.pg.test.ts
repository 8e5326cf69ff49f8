import { expect, it } from 'vitest';

import type { Column } from '../../../domain/copy/column-type.ts';
import type { CopyUnit } from '../../../domain/copy/plan.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { copyUnit, readLedger, resetTable, type UnitOrder } from '../../../postgres/copy/copy-unit.ts';
import { ensureTargetSchema } from '../../../postgres/run-schema.ts';
import { until } from '../../support/bed-wait.ts';
import { freshDatabase, testServer } from '../../support/postgres.ts';

const RUN = 'abcdef0123';
const column = (name: string, type: string): Column => ({ name, type: { kind: 'base', name: type, builtIn: true }, generated: false });
const table: UnitOrder['table'] = { schema: 'public', name: 't', columns: [column('id', 'int4'), column('word', 'text')], format: 'binary' };
const unit = (number: number, range: Pick<CopyUnit, 'from' | 'to'> = {}): CopyUnit => ({ unit: number, table: 1, parcel: 1, bytes: 1, ...range });

interface Place extends AsyncDisposable {
  source(): Promise<Session>;
  target(): Promise<Session>;
}

/** 20,000 rows on some 100 pages, and a table without rows. */
async function place(): Promise<Place> {
  await using made = new AsyncDisposableStack();
  const from = made.use(await freshDatabase(await testServer(15)));
  const to = made.use(await freshDatabase(await testServer(18)));
  await using source = await from.session();
  await using target = await to.session();
  for (const session of [source, target]) await session.execute('CREATE TABLE public.t (id int, word text)');
  await source.execute("INSERT INTO public.t SELECT n, repeat('x', 20) FROM generate_series(1, 20000) AS n");
  await ensureTargetSchema(target, RUN);
  const parts = made.move();
  const open = (database: typeof from) => async (): Promise<Session> => parts.use(await database.session());
  return { source: open(from), target: open(to), [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}

const copy = (sides: { source: Session; target: Session }, one: CopyUnit) => copyUnit(sides.source, sides.target, { runId: RUN, generation: 1, unit: one, table });
const rowsOf = (session: Session): Promise<{ rows: number; distinct: number }> => session.row('SELECT count(*) AS rows, count(DISTINCT id) AS distinct FROM public.t');

it('F56 a unit that is copied again finds itself in the ledger and adds nothing', async () => {
  await using servers = await place();
  const sides = { source: await servers.source(), target: await servers.target() };
  expect(await copy(sides, unit(1))).toMatchObject({ rows: 20_000, outcome: 'copied' });
  expect(await copy(sides, unit(1))).toMatchObject({ rows: 20_000, outcome: 'present' });
  expect(await rowsOf(sides.target)).toEqual({ rows: 20_000, distinct: 20_000 });
  expect(await readLedger(sides.target, RUN)).toMatchObject([{ unit: 1, rows: 20_000 }]);
});

it('F56 two attempts at the same time bring the rows once: the second waits for the first', async () => {
  await using servers = await place();
  const first = { source: await servers.source(), target: await servers.target() };
  const second = { source: await servers.source(), target: await servers.target() };
  const outcomes = await Promise.all([copy(first, unit(1)), copy(second, unit(1))]);
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['copied', 'present']);
  expect(await rowsOf(first.target)).toEqual({ rows: 20_000, distinct: 20_000 });
});

it('F51 an attempt whose worker dies leaves neither rows nor claim, and the one that waited for it copies', async () => {
  await using servers = await place();
  const dying = { source: await servers.source(), target: await servers.target() };
  const next = { source: await servers.source(), target: await servers.target() };
  await using watch = await connect(dying.target.server, { purpose: 'test', database: dying.target.database });
  await using blocker = await servers.source();
  // The source's own lock holds the first attempt in the middle.
  await blocker.execute('BEGIN; LOCK TABLE public.t');
  const lost = copy(dying, unit(1)).catch((error: unknown) => error);
  const waiting = async (pid: number): Promise<boolean> => (await watch.rows('SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))', [pid])).length > 0;
  const claims = async (): Promise<boolean> => (await watch.rows("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND query LIKE 'COPY%'", [dying.target.pid])).length > 0;
  await until('the first attempt to have its claim', claims);
  const done = copy(next, unit(1));
  await until('the second attempt to wait for it', () => waiting(dying.target.pid));
  dying.target.destroy();
  await lost;
  await blocker.execute('ROLLBACK');
  expect(await done).toMatchObject({ rows: 20_000, outcome: 'copied' });
  expect(await rowsOf(next.target)).toEqual({ rows: 20_000, distinct: 20_000 });
});

it('the parts of a table together are the table, whatever the order and whoever copies them', async () => {
  await using servers = await place();
  const lanes = [
    { source: await servers.source(), target: await servers.target() },
    { source: await servers.source(), target: await servers.target() },
  ] as const;
  await Promise.all([copy(lanes[0], unit(3, { from: 80 })), copy(lanes[1], unit(1, { from: 0, to: 40 }))]);
  await copy(lanes[0], unit(2, { from: 40, to: 80 }));
  expect(await rowsOf(lanes[0].target)).toEqual({ rows: 20_000, distinct: 20_000 });
});

it('a table that is begun anew is empty and out of the ledger; others are left alone', async () => {
  await using servers = await place();
  const sides = { source: await servers.source(), target: await servers.target() };
  await copy(sides, unit(1));
  await sides.target.execute(`INSERT INTO pgconvoy_${RUN}.ledger VALUES (9, 'public', 'other', 1, 5, 5)`);
  await resetTable(sides.target, RUN, table);
  expect(await rowsOf(sides.target)).toEqual({ rows: 0, distinct: 0 });
  expect((await readLedger(sides.target, RUN)).map((row) => row.unit)).toEqual([9]);
});
