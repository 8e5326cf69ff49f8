import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ServerAddress } from '../../../domain/server.ts';
import { Secret } from '../../../domain/secret.ts';
import { restoringName } from '../../../postgres/backup/restored-database.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { directoryStore } from '../../../storage/directory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { fillShop } from '../../support/backup-shop.ts';
import { dropDatabase } from '../../support/drop-database.ts';
import { placeOfSmall, restoreSmall } from '../../support/opened-backup.ts';
import { freshDatabase, type FreshDatabase, testServer } from '../../support/postgres.ts';
import { sameDatabases } from '../../support/same-databases.ts';
import { makeSmallBackup, type SmallBackup } from '../../support/small-backup.ts';
import { uniqueName } from '../../support/unique-name.ts';

/** What an application leaves: objects of roles that are not ours, in schemas of others and in `public`. */
const ownedBy = (app: string, other: string): string => `
  CREATE SCHEMA theirs AUTHORIZATION ${other};
  CREATE TABLE public.note (id int PRIMARY KEY, body text); INSERT INTO public.note SELECT g, repeat('x', 50) FROM generate_series(1, 20000) g; CREATE INDEX ON public.note (lower(body));
  ALTER TABLE public.note OWNER TO ${app};
  CREATE FUNCTION public.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'; ALTER FUNCTION public.twice OWNER TO ${app};
  CREATE TYPE theirs.mood AS ENUM ('good', 'bad'); ALTER TYPE theirs.mood OWNER TO ${other};
  CREATE TABLE theirs.day (id int GENERATED ALWAYS AS IDENTITY, mood theirs.mood); INSERT INTO theirs.day (mood) VALUES ('good'); ALTER TABLE theirs.day OWNER TO ${other};
  CREATE MATERIALIZED VIEW theirs.days AS SELECT count(*) AS n FROM theirs.day; ALTER MATERIALIZED VIEW theirs.days OWNER TO ${other};
  CREATE TABLE theirs.guest (id int); ALTER TABLE theirs.guest OWNER TO ${app};
  GRANT SELECT ON theirs.day TO ${app}; ALTER DEFAULT PRIVILEGES FOR ROLE ${other} IN SCHEMA theirs GRANT SELECT ON TABLES TO ${app};
  SELECT lo_from_bytea(700001, 'large'); ALTER LARGE OBJECT 700001 OWNER TO ${app};
  ALTER TABLE public.note ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY own ON public.note USING (id > 5);`;

describe.each([15, 18])('on PostgreSQL %i, a role that may create roles and databases and is no superuser', (major) => {
  const [admin, app, other] = [uniqueName('admin'), uniqueName('app'), uniqueName('other')];
  const made: string[] = [];
  let server: ServerAddress;
  let asAdmin: ServerAddress;
  let maintenance: Session;
  let folder: string;
  let store: ObjectStore;
  let source: FreshDatabase;
  let backup: SmallBackup;

  beforeAll(async () => {
    server = await testServer(major);
    asAdmin = { ...server, user: admin, password: new Secret('only-here') };
    folder = await mkdtemp(join(tmpdir(), 'pgconvoy-store-'));
    store = directoryStore(folder);
    maintenance = await connect(server, { purpose: 'test' });
    await maintenance.execute(`CREATE ROLE ${admin} LOGIN CREATEROLE CREATEDB PASSWORD 'only-here'`);
    source = await freshDatabase(server);
    await using session = await source.session();
    await session.execute(`CREATE ROLE ${app}; CREATE ROLE ${other}`);
    await session.execute(`ALTER DATABASE ${source.name} OWNER TO ${app}; SET ROLE ${app}`);
    await fillShop(session);
    await session.execute(`RESET ROLE; ${ownedBy(app, other)} ALTER DATABASE ${source.name} OWNER TO ${other}; ALTER DATABASE ${source.name} SET work_mem = '5MB'; COMMENT ON DATABASE ${source.name} IS 'all of it'`);
    backup = await makeSmallBackup({ server, database: source.name }, { store });
    // As on a server that it made the roles on itself.
    await maintenance.execute(`GRANT ${app}, ${other} TO ${admin} WITH ADMIN OPTION`);
    if (major >= 16) await maintenance.execute(`GRANT ${app}, ${other} TO ${admin} WITH INHERIT FALSE, SET FALSE`);
    else await maintenance.execute(`REVOKE ${app}, ${other} FROM ${admin}`);
  });
  afterAll(async () => {
    for (const database of made) await dropDatabase(server, database);
    await source.drop();
    for (const role of [app, other, admin]) await maintenance.execute(`DROP ROLE IF EXISTS ${role}`);
    await maintenance.close();
    await rm(folder, { recursive: true, force: true });
  });

  const memberships = async () => await maintenance.rows('SELECT roleid::regrole::text, grantor::regrole::text FROM pg_auth_members WHERE member = $1::regrole ORDER BY 1, 2', [admin]);
  const grantsOf = async (database: string) => {
    await using session = await connect(server, { purpose: 'test', database });
    return await session.rows("SELECT nspname, coalesce(nspacl, acldefault('n', nspowner))::text AS grants FROM pg_namespace WHERE nspname IN ('public', 'theirs', 'shop') ORDER BY 1");
  };

  it('is told which roles it may not give objects to, before anything is made', async () => {
    await using foreign = await freshDatabase(server);
    await using session = await foreign.session();
    await session.execute('CREATE TABLE public.t (id int)');
    const mine = await makeSmallBackup({ server, database: foreign.name }, { store });
    const [database, runId] = [uniqueName('restored'), uniqueName('run')];
    made.push(database, restoringName(runId));
    await expect(restoreSmall(placeOfSmall(store, mine), asAdmin, { database, runId })).rejects.toMatchObject({ code: 'preflight_failed', detail: `Role ${admin} may not give objects to the roles ${server.user}.`, hint: expect.stringContaining('--no-owner') as string });
    expect(await maintenance.rows('SELECT FROM pg_database WHERE datname = $1', [restoringName(runId)])).toEqual([]);
    await restoreSmall(placeOfSmall(store, mine), asAdmin, { database, runId, owners: false });
    expect(await maintenance.rows('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [database])).toEqual([{ owner: admin }]);
  });

  it('restores a database that is owned by others, with its owners and grants', async () => {
    const [database, runId] = [uniqueName('restored'), uniqueName('run')];
    made.push(database, restoringName(runId));
    const before = await memberships();
    await restoreSmall(placeOfSmall(store, backup), asAdmin, { database, runId });
    const { differences } = await sameDatabases({ source: { server, database: source.name }, target: { server, database }, ignoreKinds: ['database'] });
    expect(differences).toEqual([]);
    expect(await grantsOf(database)).toEqual(await grantsOf(source.name));
    expect(await memberships()).toEqual(before);
    expect(await maintenance.rows('SELECT pg_get_userbyid(datdba) AS owner, shobj_description(oid, \'pg_database\') AS comment FROM pg_database WHERE datname = $1', [database])).toEqual([{ owner: other, comment: 'all of it' }]);
    await dropDatabase(server, database);
  });

  it('makes the roles that are missing, and gives them what was theirs', async () => {
    const [database, runId] = [uniqueName('restored'), uniqueName('run')];
    made.push(database, restoringName(runId));
    await source.drop();
    await maintenance.execute(`DROP ROLE ${app}; DROP ROLE ${other}`);
    const { rolesMade } = await restoreSmall(placeOfSmall(store, backup), asAdmin, { database, runId, missingRoles: 'create' });
    expect(rolesMade).toEqual([app, other].toSorted());
    await using session = await connect(server, { purpose: 'test', database });
    expect(await session.rows("SELECT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname IN ('note', 'day', 'orders') ORDER BY relname")).toEqual([{ owner: other }, { owner: app }, { owner: app }]);
  });
});
