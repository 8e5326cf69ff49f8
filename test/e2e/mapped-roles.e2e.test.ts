import { describe, expect, it } from 'vitest';

import { connect } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { tracesOn } from '../support/bed-traces.ts';
import { migrationBed } from '../support/migration-bed.ts';
import { sameDatabases } from '../support/same-databases.ts';
import { openFenced, openRoad } from '../zoo/road.ts';
import { fillZoo, ZOO_CHOICES } from '../zoo/zoo.ts';

/** Every role of the zoo but one, and the superuser that owns the rest. */
const ROLES = { zoo_owner: 'moved "owner"', zoo_keeper: 'moved_keeper', 'zoo Visitor': 'Moved Visitor', postgres: 'moved_root' } as const;

/** See zoo.e2e.test.ts. */
const EXPECTED: readonly RegExp[] = [/^column zoo\.added_later\.\w+: place is /];
const MULTIRANGES = /^(function|object cast) .*_multirange.*: only on the target$/;

/** Rows keep what they say: preflight warns of columns that name roles. */
const ROLES_IN_ROWS = "UPDATE zoo.system_types SET a = 'zoo_group=r/zoo_group', aa = '{}'; UPDATE zoo.registered SET rr = 'zoo_group'";

describe.each([
  { from: 11, mode: 'offline' },
  { from: 15, mode: 'online' },
] as const)('from $from to 18, $mode', ({ from, mode }) => {
  it('everything of a mapped role belongs to, and is granted to, the role that it is mapped to', async () => {
    await using road = await openRoad({ from });
    const database = 'zoo';
    await using onSource = await connect(road.source.server, { purpose: 'test' });
    await using onTarget = await connect(road.target.server, { purpose: 'test' });
    await onSource.execute(`CREATE DATABASE ${database} TEMPLATE template0`);
    {
      await using session = await connect(road.source.server, { purpose: 'test', database });
      await fillZoo(session, { largeObjects: mode === 'offline', roles: true });
      await session.execute(ROLES_IN_ROWS);
    }
    for (const role of Object.values(ROLES)) await onTarget.execute(`CREATE ROLE ${quoteIdent(role)}${role === ROLES.postgres ? ' SUPERUSER' : ''} LOGIN`);

    const result = await road.migrate({ database, entry: { mode, roles: ROLES, noIdentity: mode === 'online' ? ZOO_CHOICES : {} } });

    expect(result.proof).toMatchObject({ state: 'equal', differences: [] });
    await openFenced(road.source.server, database);
    const { differences } = await sameDatabases({ source: { server: road.source.server, database }, target: { server: road.target.server, database }, roles: ROLES });
    expect(differences.filter((one) => !EXPECTED.some((expected) => expected.test(one)) && !(from < 14 && MULTIRANGES.test(one)))).toEqual([]);
    // None of the old names came over.
    expect(await onTarget.rows("SELECT rolname FROM pg_roles WHERE rolname IN ('zoo_owner', 'zoo_keeper', 'zoo Visitor')")).toEqual([]);
  });
});

/** What a migration changes of things that are there before it. */
const ON_WHAT_STAYS = `
  ALTER SCHEMA public OWNER TO shop_owner;
  GRANT CREATE ON SCHEMA public TO shop_app WITH GRANT OPTION;
  GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_reset() TO shop_app;
  ALTER DEFAULT PRIVILEGES FOR ROLE shop_report REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
  ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT SELECT ON TABLES TO shop_app`;

describe('an abort', () => {
  it.each([
    { roles: {}, how: 'under their own names' },
    { roles: { shop_owner: 'new_owner', shop_app: 'new_app', shop_report: 'new_report' }, how: 'mapped to others' },
  ])('takes back what was granted on what had been there before, to roles $how', async ({ roles }) => {
    await using bed = await migrationBed();
    await using migration = await bed.migration({ entry: { approval: 'required', roles }, sql: ON_WHAT_STAYS });
    await using onTarget = await connect(bed.target.server, { purpose: 'test' });
    // Those that exist, and what they have been granted, are the operator's.
    for (const role of ['new_owner', 'new_app', 'new_report', 'shop_owner', 'shop_app', 'shop_report']) await onTarget.execute(`CREATE ROLE ${role}`);
    await migration.createTarget();
    await using inTarget = await migration.onTarget();
    await inTarget.execute('ALTER DEFAULT PRIVILEGES FOR ROLE new_owner GRANT SELECT ON TABLES TO new_report');
    const before = await tracesOn(bed.target.server, migration.name);
    await using _worker = await bed.startWorker();
    await migration.start();
    await migration.inState('waiting-for-approval');
    expect(await tracesOn(bed.target.server, migration.name)).not.toEqual(before);
    const given = await inTarget.row<{ owner: string; app: boolean }>("SELECT nspowner::regrole::text AS owner, has_schema_privilege($1, oid, 'CREATE WITH GRANT OPTION') AS app FROM pg_namespace WHERE nspname = 'public'", [roles.shop_app ?? 'shop_app']);
    expect(given).toEqual({ owner: roles.shop_owner ?? 'shop_owner', app: true });
    await migration.order('abort');
    await migration.until('the abort', ({ state }) => state === 'aborted');
    expect(await tracesOn(bed.target.server, migration.name)).toEqual(before);
  });
});
