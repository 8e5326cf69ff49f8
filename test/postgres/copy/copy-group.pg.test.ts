import { expect, it } from 'vitest';

import type { IndexFacts } from '../../../domain/copy/plan.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { copyGroup, type GroupMember, type GroupOptions } from '../../../postgres/copy/copy-group.ts';
import { readLedger } from '../../../postgres/copy/copy-unit.ts';
import { ensureTargetSchema, listFinished } from '../../../postgres/run-schema.ts';
import { listTables } from '../../../postgres/tables.ts';
import { until } from '../../support/bed-wait.ts';
import { freshDatabase, testServer } from '../../support/postgres.ts';

const RUN = 'abcdef0123';

interface Sides {
  readonly source: Session;
  readonly target: Session;
}

interface Place extends AsyncDisposable {
  readonly members: readonly GroupMember[];
  sides(): Promise<Sides>;
}

const TABLES = `
  CREATE TABLE public.first (id int NOT NULL, word text);
  CREATE TABLE public."Second one" (id int NOT NULL, code text NOT NULL);
  CREATE TABLE public.third (id int)`;
const KEYS = `
  ALTER TABLE public.first ADD PRIMARY KEY (id);
  CREATE INDEX ON public.first (lower(word));
  ALTER TABLE public."Second one" ADD CONSTRAINT "its key" PRIMARY KEY (id) WITH (fillfactor = 70);
  ALTER TABLE public."Second one" ADD UNIQUE (code) DEFERRABLE INITIALLY DEFERRED;
  ALTER TABLE public."Second one" REPLICA IDENTITY USING INDEX "its key"`;
const ROWS = `
  INSERT INTO public.first SELECT n, 'word ' || n FROM generate_series(1, 100) AS n;
  INSERT INTO public."Second one" SELECT n, 'code ' || n FROM generate_series(1, 50) AS n`;

/** Three tables, the last without rows and without keys. */
async function place(): Promise<Place> {
  await using made = new AsyncDisposableStack();
  const from = made.use(await freshDatabase(await testServer(15)));
  const to = made.use(await freshDatabase(await testServer(18)));
  await using source = await from.session();
  await using target = await to.session();
  for (const session of [source, target]) await session.execute(TABLES);
  await source.execute(KEYS);
  await source.execute(ROWS);
  await ensureTargetSchema(target, RUN);
  const tables = await listTables(source, { excludeSchemas: [], excludeTables: [] });
  const members = tables.map((table, index): GroupMember => ({ unit: { unit: index + 1, table: index + 1, parcel: 1, bytes: 1 }, table: { ...table, format: 'binary' } }));
  const parts = made.move();
  return { members, sides: async () => ({ source: parts.use(await from.session()), target: parts.use(await to.session()) }), [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}

const copy = ({ source, target }: Sides, members: readonly GroupMember[], options: GroupOptions = {}) => copyGroup(source, target, { runId: RUN, generation: 1, members }, options);
const count = async (session: Session): Promise<number> => (await session.row<{ rows: number }>('SELECT (SELECT count(*) FROM public.first) + (SELECT count(*) FROM public."Second one") + (SELECT count(*) FROM public.third) AS rows')).rows;

/** Of each table: its indexes with all that makes them what they are. */
const shapeOf = async (session: Session): Promise<unknown> =>
  (await listTables(session, { excludeSchemas: [`pgconvoy_${RUN}`], excludeTables: [] })).map(({ schema, name, indexes }) => ({ schema, name, indexes: indexes.map(({ bytes: _, ...index }: IndexFacts) => index).toSorted((a, b) => (a.name < b.name ? -1 : 1)) }));

it('F56 brings rows, indexes, constraints and marks in one go, and a second time finds it all done', async () => {
  await using servers = await place();
  const sides = await servers.sides();
  const first = await copy(sides, servers.members);
  expect(first).toMatchObject({ rows: 150 });
  expect(await shapeOf(sides.target)).toEqual(await shapeOf(sides.source));
  expect(await listFinished(sides.target, RUN)).toEqual(new Set(['"public"."first"', '"public"."Second one"', '"public"."third"']));
  expect(await copy(sides, servers.members)).toEqual(first);
  expect(await count(sides.target)).toBe(150);
  expect((await readLedger(sides.target, RUN)).map(({ rows }) => rows).toSorted((a, b) => a - b)).toEqual([0, 50, 100]);
});

it('F56 two attempts at the same time bring the rows once', async () => {
  await using servers = await place();
  const [one, other] = [await servers.sides(), await servers.sides()];
  const [first, second] = await Promise.all([copy(one, servers.members), copy(other, servers.members)]);
  expect(second).toEqual(first);
  expect(await count(one.target)).toBe(150);
});

it('F51 an attempt that dies leaves none of the tables, and the one that waited for it copies all', async () => {
  await using servers = await place();
  const [dying, next, blocker] = [await servers.sides(), await servers.sides(), await servers.sides()];
  await using watch = await connect(dying.target.server, { purpose: 'test', database: dying.target.database });
  // The lock on the source holds the first attempt behind its first table.
  await blocker.source.execute('BEGIN; LOCK TABLE public.third');
  const lost = copy(dying, servers.members).catch((error: unknown) => error);
  await until('the first attempt to be in its last table', async () => (await watch.rows("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND query LIKE 'COPY%third%'", [dying.target.pid])).length > 0);
  const done = copy(next, servers.members);
  await until('the second attempt to wait for it', async () => (await watch.rows('SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))', [dying.target.pid])).length > 0);
  expect(await count(watch)).toBe(0);
  dying.target.destroy();
  await lost;
  await blocker.source.execute('ROLLBACK');
  expect(await done).toMatchObject({ rows: 150 });
  expect(await count(next.target)).toBe(150);
});

it('takes the place of what an older attempt brought under another unit, with the indexes that are there', async () => {
  await using servers = await place();
  const sides = await servers.sides();
  await copy(sides, servers.members);
  await copy(sides, servers.members.map(({ unit, table }) => ({ unit: { ...unit, unit: unit.unit + 10 }, table })));
  expect(await count(sides.target)).toBe(150);
  expect(await shapeOf(sides.target)).toEqual(await shapeOf(sides.source));
});

it('takes everything back when the look at it fails', async () => {
  await using servers = await place();
  const sides = await servers.sides();
  await expect(copy(sides, servers.members, { check: () => Promise.reject(new Error('not the same')) })).rejects.toThrow('not the same');
  expect(await count(sides.target)).toBe(0);
  expect(await readLedger(sides.target, RUN)).toEqual([]);
  expect(await listFinished(sides.target, RUN)).toEqual(new Set());
});
