import { expect, it } from 'vitest';

import { connect } from '../../postgres/connection.ts';
import { dropRoles } from '../../postgres/roles.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';
import { uniqueName } from '../support/unique-name.ts';

it('roles are dropped, except those that another database has come to need', async () => {
  const server = await testServer(18);
  await using other = await freshDatabase(server);
  await using session = await connect(server, { purpose: 'test' });
  await using inside = await other.session();
  const [needed, free] = [uniqueName('needed'), uniqueName('free')];
  await session.execute(`CREATE ROLE ${needed}; CREATE ROLE ${free}`);
  await inside.execute(`CREATE TABLE public.t (); ALTER TABLE public.t OWNER TO ${needed}`);

  await dropRoles(session, [needed, free, uniqueName('never_was')]);

  const left = await session.rows<{ name: string }>('SELECT rolname AS name FROM pg_roles WHERE rolname IN ($1, $2)', [needed, free]);
  expect(left).toEqual([{ name: needed }]);
  await inside.execute('DROP TABLE public.t');
  await session.execute(`DROP ROLE ${needed}`);
});
