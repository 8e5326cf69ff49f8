import { expect, it } from 'vitest';

import { readObjectRights } from '../../postgres/object-rights.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';

it.each([11, 18])("of what a PostgreSQL %i made itself, only what was granted otherwise is listed, and that by name when it is asked for", async (major) => {
  await using database = await freshDatabase(await testServer(major));
  await using session = await database.session();
  const untouched = await readObjectRights(session);
  expect(untouched.map(({ type, identity }) => `${type} ${identity}`)).toEqual(['schema public']);

  await session.execute('CREATE TABLE public.film (id int PRIMARY KEY, title text); GRANT UPDATE (title) ON public.film TO PUBLIC; GRANT SELECT ON pg_catalog.pg_authid TO PUBLIC');
  const touched = await readObjectRights(session, { also: ['pg_catalog.now()'] });
  await session.execute('REVOKE SELECT ON pg_catalog.pg_authid FROM PUBLIC');

  expect(touched.map(({ type, identity, column, ownable }) => [type, identity, column, ownable])).toEqual([
    ['function', 'pg_catalog.now()', null, false],
    ['schema', 'public', null, true],
    ['table', 'pg_catalog.pg_authid', null, false],
    ['table', 'public.film', null, true],
    ['table', 'public.film', 'title', false],
  ]);
  expect(touched.find(({ identity }) => identity === 'pg_catalog.pg_authid')?.grants).toContainEqual(expect.objectContaining({ grantee: null, privilege: 'SELECT' }));
});
