import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { postgresFolders } from '../../config/program-folders.ts';
import { freePort } from '../../programs/ports.ts';
import { findInstallations, pickClients, programPath } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { inventoryFile, testFolder } from '../config/inventory-file.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';
import { runCommand } from './run-command.ts';

const SCHEMA = `
  CREATE SCHEMA sales;
  CREATE TABLE sales.film (film_id int PRIMARY KEY, title text NOT NULL);
  CREATE VIEW sales.titles AS SELECT title FROM sales.film;
  CREATE TABLE public.other (id int);
  GRANT SELECT ON sales.film TO PUBLIC;
  INSERT INTO sales.film VALUES (1, 'not in a dump of a schema')`;

const inventoryOf = (server: ServerAddress): string =>
  inventoryFile(`{version: 1, servers: {shop: {host: ${server.host}, port: ${server.port}, user: ${server.user}, password: "env:SHOP_PASSWORD"}}}`);

describe.each([11, 18])('schema dump of PostgreSQL %i', (major) => {
  it('writes SQL and archives that restore, with and without owners and privileges', async () => {
    const server = await testServer(major);
    await using database = await freshDatabase(server);
    await using session = await database.session();
    await session.execute(SCHEMA);
    const env = { PGCONVOY_INVENTORY: inventoryOf(server), SHOP_PASSWORD: server.password!.reveal() };
    const dump = async (...words: string[]) => await runCommand(['schema', 'dump', 'shop', '--database', database.name, ...words], { env });

    const plain = await dump();
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout).toContain('CREATE TABLE sales.film');
    expect(plain.stdout).toContain('ALTER TABLE sales.film OWNER TO postgres');
    expect(plain.stdout).toContain('GRANT SELECT ON TABLE sales.film TO PUBLIC');
    expect(plain.stdout).not.toContain('not in a dump');

    const bare = await dump('--no-owner', '--no-privileges', '--schemas', 'sales');
    expect(bare.stdout).not.toMatch(/OWNER TO|GRANT|public\.other/);

    const archive = join(testFolder(), 'schema.dump');
    const written = await dump('--format', 'custom', '--output', archive, '--json');
    expect(JSON.parse(written.stdout)).toMatchObject({ output: archive, bytes: readFileSync(archive).length, serverMajor: major });
    await using copy = await freshDatabase(server);
    const { installation } = pickClients(await findInstallations(postgresFolders()), major);
    const PG = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGPASSWORD: server.password!.reveal() };
    // A newer pg_restore sets settings that an older server does not know: those complaints are exit status 1.
    await runProgram({ program: programPath(installation, 'pg_restore'), args: [`--dbname=${copy.name}`, archive], env: PG, answers: [1] });
    await using restored = await copy.session();
    expect(await restored.rows(`SELECT relname FROM pg_class WHERE relnamespace = 'sales'::regnamespace ORDER BY relname`)).toEqual([{ relname: 'film' }, { relname: 'film_pkey' }, { relname: 'titles' }]);
  });
});

describe('schema dump to the store of pgconvoy up', () => {
  const state = join(inject('runFolder'), 'schema-dump-state');
  const env: Record<string, string> = { PGCONVOY_STATE: state };

  beforeAll(async () => {
    const server = await testServer(11);
    for (const setting of ['TEMPORAL', 'TEMPORAL_UI', 'CATALOG', 'STORE']) env[`PGCONVOY_${setting}_PORT`] = String(await freePort());
    Object.assign(env, { PGCONVOY_INVENTORY: inventoryOf(server), SHOP_PASSWORD: server.password!.reveal() });
    expect((await runCommand(['up'], { env })).code).toBe(0);
  });
  afterAll(async () => void (await runCommand(['down', '--erase', '--yes'], { env })));

  const toStore = async (...words: string[]) => await runCommand(['schema', 'dump', 'shop', '--store', 'default', '--json', '--by', 'ada', ...words], { env });

  it('is a workflow, which stores the dump and keeps its hash in the audit', async () => {
    await using database = await freshDatabase(await testServer(11));
    await using session = await database.session();
    await session.execute(SCHEMA);
    const ended = await toStore('--database', database.name);
    expect(ended.code, ended.stdout).toBe(0);
    const stored = JSON.parse(ended.stdout) as { name: string; sha256: string; address: string; bytes: number };
    expect(stored).toMatchObject({ store: 'default', name: expect.stringMatching(new RegExp(`^schema/shop/${database.name}/\\d{8}T\\d{6}Z-[0-9a-f]{8}\\.dump$`)) as string, serverMajor: 11 });
    expect(stored.address).toBe(`http://127.0.0.1:${env['PGCONVOY_STORE_PORT']}/pgconvoy/pgconvoy/${stored.name}`);
    const audit = JSON.parse((await runCommand(['audit', 'log', '--json'], { env })).stdout) as { events: unknown[] };
    expect(audit.events).toEqual([expect.objectContaining({ actor: 'ada', action: 'schema.dump', detail: expect.objectContaining({ sha256: stored.sha256, bytes: stored.bytes }) as unknown })]);
  });

  it('says what is wrong with the database, the store and the input', async () => {
    const nowhere = await toStore('--database', 'nowhere');
    expect(nowhere.code).toBe(4);
    expect(JSON.parse(nowhere.stdout)).toMatchObject({ error: { code: 'database_missing' } });
    expect((await runCommand(['schema', 'dump', 'shop', '--database', 'x', '--store', 'other'], { env })).stderr).toContain('store "other" is not in the inventory');
    expect((await toStore('--database', 'x', '--output', 'y')).code).toBe(2);
  });
});
