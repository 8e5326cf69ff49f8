import { expect, it } from 'vitest';
import { connect } from '../../postgres/connection.ts';
import { conninfo, quoteLiteral } from '../../postgres/quoting.ts';
import { freshDatabase, testServer } from './postgres.ts';

it.each([11, 15, 18])('a test has a superuser on a shared server of %i', async (major) => {
  await using session = await connect(await testServer(major), { purpose: 'test' });
  expect(session.major).toBe(major);
});

it('a database is dropped with everything that hangs on it', async () => {
  const source = await testServer(15);
  const target = await testServer(18);
  const publisher = await freshDatabase(source);
  const subscriber = await freshDatabase(target);
  await using on15 = await publisher.session();
  await using on18 = await subscriber.session();
  const { host, port, user, password } = source;
  const way = conninfo({ host, port, user, password: password?.reveal(), dbname: publisher.name });
  await on15.execute('CREATE PUBLICATION everything FOR ALL TABLES');
  await on18.execute(`CREATE SUBSCRIPTION ${subscriber.name} CONNECTION ${quoteLiteral(way)} PUBLICATION everything`);

  await publisher.drop();
  await subscriber.drop();

  await using session = await connect(source, { purpose: 'test' });
  expect(await session.rows('SELECT * FROM pg_replication_slots WHERE slot_name = $1', [subscriber.name])).toEqual([]);
});
