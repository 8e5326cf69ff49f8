import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { connect } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { runProgram } from '../../programs/run-program.ts';
import { secretFile, serverEntry } from '../support/inventory-files.ts';
import { sameDatabases } from '../support/same-databases.ts';
import { openFenced, openRoad, type Road } from '../zoo/road.ts';
import { runFile } from '../zoo/zoo.ts';

const ROLE = 'mover';
const PASSWORD = 'moves things';
const DATABASE = 'shop';
const CLI = join(import.meta.dirname, '../../cli/main.ts');

describe.each<{ how: string; roles: Readonly<Record<string, string>> }>([
  { how: 'under their own names', roles: {} },
  { how: 'mapped to others', roles: { app_owner: 'new owner', app_other: 'new_other' } },
])('roles $how', ({ roles }) => {
  const ENTRY = { mode: 'online', noIdentity: { 'shop.no_key': 'full' }, roles };
  let road: Road;
  beforeAll(async () => {
    road = await openRoad({ from: 15 });
    await using maintenance = await connect(road.source.server, { purpose: 'test' });
    await maintenance.execute("CREATE ROLE app_owner LOGIN PASSWORD 'a'; CREATE ROLE app_reader LOGIN PASSWORD 'b'; CREATE ROLE app_other NOLOGIN");
    await maintenance.execute(`CREATE DATABASE ${DATABASE} OWNER app_owner`);
    await using session = await connect(road.source.server, { purpose: 'test', database: DATABASE });
    await runFile(session, join(import.meta.dirname, '../zoo/ordinary.sql'));
    await using onTarget = await connect(road.target.server, { purpose: 'test' });
    for (const role of Object.values(roles)) await onTarget.execute(`CREATE ROLE ${quoteIdent(role)}`);
  });
  afterAll(() => road[Symbol.asyncDispose]());

  /** Runs what `pgconvoy grants` prints for a side, every word of it, as the superuser that it is meant for. */
  async function grant(side: 'source' | 'target'): Promise<void> {
    const { source, target } = road;
    const file = join(road.folder, 'grants.yaml');
    await writeFile(file, stringify({ version: 1, servers: { source: await serverEntry(road.folder, source.server), target: await serverEntry(road.folder, target.server) }, migrations: { m: { source: 'source', target: 'target', database: DATABASE, ...ENTRY } } }));
    const { stdout } = await runProgram({ program: process.execPath, args: [CLI, 'grants', side, '--migration', 'm', '--role', ROLE, '--inventory', file] });
    const database = /^-- server .* in database (\S+)$/m.exec(stdout)![1]!;
    expect(database).toBe(side === 'source' ? DATABASE : 'postgres');
    await using superuser = await connect(road[side].server, { purpose: 'test', database });
    await superuser.execute(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
    await superuser.execute(stdout);
  }

  it('a role of nothing but what `pgconvoy grants` prints migrates a database online', async () => {
    await grant('source');
    await grant('target');
    const application = await connect(road.source.server, { purpose: 'test', database: DATABASE });
    const login = { user: ROLE, password: await secretFile(road.folder, 'mover', PASSWORD) };
    const result = await road.migrate({
      database: DATABASE,
      entry: ENTRY,
      servers: { source: login, target: login },
      whileFollowing: async () => {
        await application.execute("UPDATE shop.customer SET state = 'paid' WHERE id < 10; INSERT INTO shop.visits (day) VALUES ('2026-11-11'); DELETE FROM shop.no_key WHERE ctid = (SELECT min(ctid) FROM shop.no_key)");
        await application.execute("INSERT INTO shop.orders (customer, total) VALUES (1, 2); UPDATE shop.cache SET v = 'b'; SELECT nextval('shop.free')");
        await application.execute('SET row_security = on; TRUNCATE shop.others; REFRESH MATERIALIZED VIEW shop.totals');
        await application.close(); // of a superuser: preflight warns of it, as our role may not end it
      },
    });
    expect(result.proof).toMatchObject({ state: 'equal', differences: [] });
    await openFenced(road.source.server, DATABASE);
    const { differences } = await sameDatabases({ source: { server: road.source.server, database: DATABASE }, target: { server: road.target.server, database: DATABASE }, roles });
    expect(differences).toEqual([]);
    await using superuser = await connect(road.target.server, { purpose: 'test' });
    expect(await superuser.row('SELECT rolsuper FROM pg_roles WHERE rolname = $1', [ROLE])).toEqual({ rolsuper: false });
  });
});
