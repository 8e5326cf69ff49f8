import { expect, it } from 'vitest';

import { migrateSchema } from '../../catalog/migrate-schema.ts';
import { openCatalog } from '../../catalog/open-catalog.ts';
import { SCHEMA_MIGRATIONS } from '../../catalog/schema-migrations.ts';
import { connect } from '../../postgres/connection.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';

const LEDGER = 'SELECT number, name FROM pgconvoy.schema_migration ORDER BY number';

it('numbers its migrations 1, 2, 3, …', () => {
  expect(SCHEMA_MIGRATIONS.map(({ number }) => number)).toEqual(SCHEMA_MIGRATIONS.map((_, index) => index + 1));
});

it.each([11, 18])('runs each migration once on a server of %i, however often it is called', async (major) => {
  await using database = await freshDatabase(await testServer(major));
  await using session = await database.session();
  await migrateSchema(session);
  await migrateSchema(session);
  expect(await session.rows(LEDGER)).toEqual(SCHEMA_MIGRATIONS);
});

it('lets sessions that come at once wait for the one that migrates', async () => {
  await using database = await freshDatabase(await testServer(18));
  const sessions = await Promise.all(Array.from({ length: 4 }, () => database.session()));
  await Promise.all(sessions.map(migrateSchema));
  expect(await sessions[0]!.rows(LEDGER)).toEqual(SCHEMA_MIGRATIONS);
  await Promise.all(sessions.map((session) => session.close()));
});

it('leaves a catalog alone that a newer pgconvoy has migrated', async () => {
  await using database = await freshDatabase(await testServer(18));
  await using session = await database.session();
  await migrateSchema(session);
  await session.execute(`INSERT INTO pgconvoy.schema_migration (number, name) VALUES (9999, '9999-future.sql')`);
  await expect(openCatalog(database.server, database.name)).rejects.toMatchObject({ code: 'catalog_too_new', context: { version: 9999 } });
});

it('says that the catalog is unreachable when its server is down', async () => {
  const server = await testServer(18);
  await expect(openCatalog({ ...server, port: 1 }, 'pgconvoy')).rejects.toMatchObject({ code: 'catalog_unreachable', message: `could not open the catalog in database pgconvoy at ${server.host}:1` });
});

it('needs no superuser, only a database of its own', async () => {
  await using database = await freshDatabase(await testServer(18));
  await using superuser = await database.session();
  await superuser.execute(`CREATE ROLE ${database.name} LOGIN PASSWORD 'x'; ALTER DATABASE ${database.name} OWNER TO ${database.name}`);
  await superuser.execute(`SET SESSION AUTHORIZATION ${database.name}`);
  await migrateSchema(superuser);
  await superuser.execute('RESET SESSION AUTHORIZATION');
  await using reader = await connect(database.server, { database: database.name, purpose: 'test' });
  expect(await reader.rows(LEDGER)).toEqual(SCHEMA_MIGRATIONS);
  await superuser.execute(`REASSIGN OWNED BY ${database.name} TO CURRENT_USER; DROP OWNED BY ${database.name}; DROP ROLE ${database.name}`);
});
