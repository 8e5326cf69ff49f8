import { expect, it } from 'vitest';

import { runSteps } from '../../../scripts/data/sql-file.ts';
import { freshDatabase, testServer } from '../../support/postgres.ts';

it('gathers statistics of each table in a transaction of its own, so that autovacuum is met in no deadlock', async () => {
  await using fresh = await freshDatabase(await testServer(18));
  await using session = await fresh.session();
  await session.execute('CREATE TABLE public.one AS SELECT generate_series(1, 100) n; CREATE TABLE public.two AS SELECT * FROM public.one');
  await runSteps(session, [{ title: 'generators', file: 'generators.sql' }], { rows: {} });
  const { transactions } = await session.row<{ transactions: number }>("SELECT count(DISTINCT xmin::text)::int AS transactions FROM pg_statistic WHERE starelid IN ('public.one'::regclass, 'public.two'::regclass)");
  expect(transactions).toBe(2);
});
