import { expect, it } from 'vitest';

import { listDatabases } from '../../../postgres/backup/list-databases.ts';
import { restoringName } from '../../../postgres/backup/restored-database.ts';
import { connect } from '../../../postgres/connection.ts';
import { freshDatabase, testServer } from '../../support/postgres.ts';

it.each([11, 18])('lists the databases of PostgreSQL %i that can be dumped: no templates, none that is closed, none of a platform or of a restore', async (major) => {
  const server = await testServer(major);
  await using open = await freshDatabase(server);
  await using closed = await freshDatabase(server);
  await using template = await freshDatabase(server);
  await using session = await connect(server, { purpose: 'test' });
  await session.execute(`ALTER DATABASE "${closed.name}" ALLOW_CONNECTIONS false`);
  await session.execute(`ALTER DATABASE "${template.name}" IS_TEMPLATE true`);
  const others = ['rdsadmin', restoringName(open.name)];
  for (const name of others) await session.execute(`CREATE DATABASE ${name} TEMPLATE template0`);
  const found = await listDatabases(session);
  for (const name of others) await session.execute(`DROP DATABASE ${name}`);
  await session.execute(`ALTER DATABASE "${closed.name}" ALLOW_CONNECTIONS true`);
  await session.execute(`ALTER DATABASE "${template.name}" IS_TEMPLATE false`);
  expect(found).toEqual(expect.arrayContaining([open.name, 'postgres']));
  for (const name of [closed.name, template.name, 'template0', 'template1', ...others]) expect(found).not.toContain(name);
});
