import { expect, it } from 'vitest';

import { connect } from '../../../postgres/connection.ts';
import { conninfo } from '../../../postgres/quoting.ts';
import { until } from '../../support/bed-wait.ts';
import { privateServer } from '../../support/cluster.ts';

const TABLES = `
  CREATE TABLE public.film (id int PRIMARY KEY);
  CREATE TABLE public.payment (id int, film int REFERENCES public.film) PARTITION BY RANGE (id);
  CREATE TABLE public.payment_1 PARTITION OF public.payment FOR VALUES FROM (0) TO (9)`;

/** What the rule `truncate-cascade` warns of. */
it('F23 a TRUNCATE … CASCADE that reaches a partitioned table stops replication, and one of plain tables does not', async () => {
  await using source = await privateServer(15);
  await using target = await privateServer(18);
  await using onSource = await connect(source.server, { purpose: 'test' });
  await using onTarget = await connect(target.server, { purpose: 'test' });
  for (const side of [onSource, onTarget]) await side.execute(`${TABLES}; CREATE TABLE public.language (id int PRIMARY KEY); CREATE TABLE public.word (id int PRIMARY KEY, language int REFERENCES public.language)`);
  await onSource.execute('CREATE PUBLICATION p FOR TABLE public.film, public.payment_1, public.language, public.word');
  const { host, port, user, password } = source.server;
  await onTarget.execute(`CREATE SUBSCRIPTION s CONNECTION '${conninfo({ host, port, user, password: password?.reveal(), dbname: 'postgres' }).replaceAll("'", "''")}' PUBLICATION p WITH (copy_data = false)`);
  const films = async (): Promise<number> => (await onTarget.row<{ n: number }>('SELECT count(*)::int AS n FROM public.film')).n;
  const failures = async (): Promise<number> => (await onTarget.row<{ n: number }>('SELECT apply_error_count::int AS n FROM pg_stat_subscription_stats')).n;

  await onSource.execute('INSERT INTO public.film VALUES (1); INSERT INTO public.payment VALUES (1, 1); INSERT INTO public.language VALUES (1); INSERT INTO public.word VALUES (1, 1)');
  await onSource.execute('TRUNCATE public.language CASCADE; INSERT INTO public.film VALUES (2)');
  await until('the rows after the first TRUNCATE', async () => (await films()) === 2);
  expect(await onTarget.rows('SELECT FROM public.word')).toEqual([]);
  expect(await failures()).toBe(0);

  await onSource.execute('TRUNCATE public.film CASCADE');
  await until('the apply worker to fail', async () => (await failures()) > 0);
  expect(await films()).toBe(2);
  await onTarget.execute('ALTER SUBSCRIPTION s DISABLE; ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s');
});
