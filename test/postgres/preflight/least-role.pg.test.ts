import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { leastRole } from '../../../domain/least-role.ts';
import { Secret } from '../../../domain/secret.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { quoteIdent, quoteLiteral } from '../../../postgres/quoting.ts';
import { readOwners } from '../../../postgres/preflight/owners.ts';
import { conninfoFromTarget } from '../../../postgres/preflight/source-from-target.ts';
import { freshDatabase, testServer, type FreshDatabase } from '../../support/postgres.ts';
import { uniqueName } from '../../support/unique-name.ts';
import { askBoth, problemsOf } from './ask-both.ts';

const PASSWORD = 'correct horse';

interface Side {
  readonly database: FreshDatabase;
  readonly major: number;
  readonly part: 'source' | 'target';
}

/** A role made of nothing but what `pgconvoy grants` prints. */
async function makeLeastRole({ database, major, part }: Side, role: string): Promise<ServerAddress> {
  await using session = await database.session();
  await session.execute(`CREATE ROLE ${quoteIdent(role)} LOGIN PASSWORD '${PASSWORD}'`);
  const owners = await readOwners(session);
  const grants = leastRole({ role, database: database.name, parts: [part], provider: 'self-managed', major, maintenanceDatabase: 'postgres', exists: true, ...owners });
  for (const { sql } of grants) if (sql !== undefined) await session.execute(sql);
  return { ...database.server, user: role, password: new Secret(PASSWORD) };
}

describe('a role made by the SQL of `pgconvoy grants`', () => {
  const role = uniqueName('mover');
  const owner = uniqueName('owner');
  let source: FreshDatabase;
  let target: FreshDatabase;

  beforeAll(async () => {
    source = await freshDatabase(await testServer(15));
    target = await freshDatabase(await testServer(18));
    await using session = await source.session();
    await session.execute(`
      CREATE ROLE ${owner} LOGIN PASSWORD 'x'; ALTER DATABASE ${quoteIdent(source.name)} OWNER TO ${owner}; CREATE SCHEMA shop AUTHORIZATION ${owner};
      SET ROLE ${owner}; CREATE TABLE shop.film (id serial PRIMARY KEY, title text); ALTER TABLE shop.film ENABLE ROW LEVEL SECURITY; ALTER TABLE shop.film FORCE ROW LEVEL SECURITY; RESET ROLE`);
  });

  afterAll(async () => {
    const servers = [source.server, target.server];
    await source.drop();
    await target.drop();
    for (const server of servers) {
      await using rest = await freshDatabase(server);
      await using session = await rest.session();
      await session.execute(`DO $$ BEGIN EXECUTE 'DROP OWNED BY ${role}'; EXECUTE 'DROP ROLE ${role}'; EXECUTE 'DROP ROLE IF EXISTS ${owner}'; END $$`);
    }
  });

  it('passes preflight from 15 to 18 without being superuser', async () => {
    const from = await makeLeastRole({ database: source, major: 15, part: 'source' }, role);
    const to = await makeLeastRole({ database: target, major: 18, part: 'target' }, role);
    const report = await askBoth({ source: from, target: to, database: source.name, targetDatabase: target.name });
    const blind = report.rules.filter(({ state }) => state === 'could-not-look').map(({ id }) => id);
    expect(Object.entries(problemsOf(report)).filter(([id]) => report.rules.find((rule) => rule.id === id)?.severity === 'blocking')).toEqual([]);
    expect(blind).toEqual(['source-wal-on-disk', 'target-storage']);
    expect(report.canProceed).toBe(true);
  });

  it('F33 is told when somebody has granted what is not theirs, which it can repeat only where roles are mapped', async () => {
    await using session = await source.session();
    const granter = uniqueName('granter');
    await session.execute(`CREATE ROLE ${granter}; GRANT USAGE ON SCHEMA shop TO ${granter}; GRANT SELECT ON shop.film TO ${granter} WITH GRANT OPTION`);
    await session.execute(`SET ROLE ${granter}; GRANT SELECT ON shop.film TO PUBLIC; RESET ROLE`);
    const login = { user: role, password: new Secret(PASSWORD) };
    const ask = async (roles: Record<string, string>): Promise<string | undefined> =>
      problemsOf(await askBoth({ source: { ...source.server, ...login }, target: { ...target.server, ...login }, database: source.name, targetDatabase: target.name, request: { roles } }))['target-grantors'];
    expect(await ask({})).toContain(`1 roles have granted something on objects of others: ${granter}`);
    expect(await ask({ [owner]: role })).toBeUndefined();
    await session.execute(`DROP OWNED BY ${granter} CASCADE; DROP ROLE ${granter}`);
    expect(await ask({})).toBeUndefined();
  });

  it('can do what a migration does on either side', async () => {
    const from: ServerAddress = { ...source.server, user: role, password: new Secret(PASSWORD) };
    const to: ServerAddress = { ...target.server, user: role, password: new Secret(PASSWORD) };
    await using onSource = await connect(from, { database: source.name, purpose: 'test' });
    await using steering = await connect(from, { purpose: 'test' });
    await using onTarget = await connect(to, { database: target.name, purpose: 'test' });
    const slot = uniqueName('slot');
    const run = async (session: Session, sql: string): Promise<void> => void (await session.execute(sql));

    await run(onSource, 'CREATE SCHEMA pgconvoy_x; CREATE TABLE pgconvoy_x.beat (id int PRIMARY KEY)');
    await run(onSource, 'ALTER TABLE shop.film REPLICA IDENTITY FULL; CREATE PUBLICATION pgconvoy_x FOR TABLE ONLY shop.film');
    await run(onSource, `SELECT pg_catalog.pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    await run(onSource, "INSERT INTO shop.film (title) VALUES ('arrives')");

    // From 16 on CREATEROLE gives no membership in what it makes, unless it is asked for.
    await run(onTarget, `SET createrole_self_grant = 'set, inherit'; CREATE ROLE ${owner}`);
    await run(onTarget, `BEGIN; SET LOCAL session_replication_role = replica; COMMIT`);
    await run(onTarget, `CREATE SCHEMA shop; ALTER SCHEMA shop OWNER TO ${owner}; CREATE TABLE shop.film (id int PRIMARY KEY, title text); ALTER TABLE shop.film OWNER TO ${owner}`);
    await run(onTarget, `CREATE SUBSCRIPTION pgconvoy_x CONNECTION ${quoteLiteral(conninfoFromTarget(from, source.name, {}))} PUBLICATION pgconvoy_x WITH (create_slot = false, slot_name = '${slot}', copy_data = false)`);
    await expect.poll(() => onTarget.rows('SELECT title FROM shop.film'), { timeout: 60_000 }).toEqual([{ title: 'arrives' }]);

    await run(steering, `ALTER DATABASE ${quoteIdent(source.name)} ALLOW_CONNECTIONS false`);
    await run(steering, `ALTER DATABASE ${quoteIdent(source.name)} ALLOW_CONNECTIONS true`);
  });

  it('cannot do without them: the same role stripped is told what it lacks', async () => {
    const bare = uniqueName('bare');
    await using session = await source.session();
    await session.execute(`CREATE ROLE ${bare} LOGIN PASSWORD '${PASSWORD}'`);
    const stripped: ServerAddress = { ...source.server, user: bare, password: new Secret(PASSWORD) };
    const found = problemsOf(await askBoth({ source: stripped, target: target.server, database: source.name, targetDatabase: uniqueName('absent') }));
    await session.execute(`DROP ROLE ${bare}`);
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(['source-replication-role', 'source-trial-slot', 'source-create-rights', 'source-table-owner', 'source-fence-ownership', 'source-fence-signal', 'source-table-privileges', 'source-sequence-privileges', 'source-row-security']),
    );
  });
});
