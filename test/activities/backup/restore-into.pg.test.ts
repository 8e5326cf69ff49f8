import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { quarantineName, restoringName } from '../../../postgres/backup/restored-database.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { connect } from '../../../postgres/connection.ts';
import { newBackupKey, openBackupKey } from '../../../storage/archive/key.ts';
import { directoryStore } from '../../../storage/directory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { fillShop } from '../../support/backup-shop.ts';
import { dropDatabase } from '../../support/drop-database.ts';
import { placeOfSmall, restoreSmall, type RestoreWish } from '../../support/opened-backup.ts';
import { freshDatabase, type FreshDatabase, testServer } from '../../support/postgres.ts';
import { sameDatabases } from '../../support/same-databases.ts';
import { makeSmallBackup, type SmallBackup, type SmallBackupWish } from '../../support/small-backup.ts';
import { uniqueName } from '../../support/unique-name.ts';

const key = openBackupKey(newBackupKey());
const made: string[] = [];
let server: ServerAddress;
let folder: string;
let store: ObjectStore;
let source: FreshDatabase;
let whole: SmallBackup;

beforeAll(async () => {
  server = await testServer(15);
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-store-'));
  store = directoryStore(folder);
  source = await freshDatabase(server);
  await using session = await source.session();
  await fillShop(session);
  whole = await makeSmallBackup({ server, database: source.name }, { store, key });
});
afterAll(async () => {
  for (const database of made) await dropDatabase(server, database);
  await source.drop();
  await rm(folder, { recursive: true, force: true });
});

/** A database that is dropped with the others. */
const named = (): string => {
  made.push(uniqueName('restored'));
  return made.at(-1)!;
};

/** A run whose leftovers are dropped with the others. */
const run = (): string => {
  const runId = uniqueName('run');
  made.push(restoringName(runId), quarantineName(runId));
  return runId;
};

let count = 0;
const another = (from: FreshDatabase, wish: Partial<SmallBackupWish> = {}): Promise<SmallBackup> => makeSmallBackup({ server, database: from.name }, { store, key, backupId: `20261120T03${String((count += 1)).padStart(4, '0')}Z-0123abcd`, ...wish });

const restore = (backup: SmallBackup, wish: RestoreWish = {}) => restoreSmall(placeOfSmall(store, backup, key), server, { database: named(), ...wish });

const rowsOf = async (database: string, sql: string): Promise<unknown[]> => {
  await using session = await connect(server, { purpose: 'test', database });
  return await session.rows(sql);
};

/** Columns of tables with rows, of partitioned ones as a whole, and expressions of indexes that the planner knows nothing of. */
const WITHOUT_STATISTICS = `
  SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
   WHERE n.nspname !~ '^(pg_|information_schema$)' AND a.attstattarget <> 0
     AND (c.relkind = 'm' OR (c.relkind = 'r' AND c.relpages > 0) OR (c.relkind = 'p' AND EXISTS (SELECT FROM pg_partition_tree(c.oid) t JOIN pg_class leaf ON leaf.oid = t.relid WHERE t.isleaf AND leaf.relpages > 0))
          OR (c.relkind = 'i' AND c.relpages > 1 AND i.indkey[a.attnum - 1] = 0))
     AND NOT EXISTS (SELECT FROM pg_statistic s WHERE s.starelid = c.oid AND s.staattnum = a.attnum)`;

describe('a restore', () => {
  it('gives a database equal to the one that was dumped', async () => {
    const { database, tables, rows } = await restore(whole);
    expect(tables).toBe(9);
    expect(rows).toBe(whole.manifest.tables.reduce((sum, table) => sum + table.rows, 0));
    const { differences } = await sameDatabases({ source: { server, database: source.name }, target: { server, database }, ignoreKinds: ['database'] });
    expect(differences).toEqual([]);
    expect(await rowsOf(database, 'SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1')).toEqual(await rowsOf(source.name, 'SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1'));
    expect(await rowsOf(database, WITHOUT_STATISTICS)).toEqual([]);
    expect(await rowsOf(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgconvoy%'")).toEqual([]);
  });

  it('B56 refuses a database that is there, and leaves it as it is', async () => {
    await expect(restore(whole, { database: source.name })).rejects.toMatchObject({ code: 'target_not_empty', detail: expect.stringMatching(/^It holds \d\d+ objects\.$/) as string });
    expect(await rowsOf(source.name, 'SELECT count(*) FROM other.twin')).toEqual([{ count: 500 }]);
  });

  it('takes a schema, or a table with all that it needs, and says which keys stay behind', async () => {
    const schema = await restore(whole, { selection: { schemas: ['other'], tables: [] } });
    expect(await rowsOf(schema.database, "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'shop'")).toEqual([{ count: 0 }]);
    expect(await rowsOf(schema.database, 'SELECT count(*) FROM other.twin')).toEqual([{ count: 500 }]);
    const table = await restore(whole, { selection: { schemas: [], tables: ['shop.orders'] } });
    expect(table.leftOut).toEqual(['foreign key orders orders_customer_fkey of schema shop, since the table it refers to was not chosen']);
    expect(await rowsOf(table.database, 'SELECT count(*), max(shop.twice(customer)) AS twice FROM shop.orders')).toEqual(await rowsOf(source.name, 'SELECT count(*), max(shop.twice(customer)) AS twice FROM shop.orders'));
    expect(await rowsOf(table.database, "SELECT indexname FROM pg_indexes WHERE schemaname = 'shop' ORDER BY 1")).toHaveLength(3);
    expect(await rowsOf(table.database, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")).toEqual([{ tgname: 'stamp' }]);
    await expect(restore(whole, { selection: { schemas: [], tables: ['shop.absent'] } })).rejects.toMatchObject({ code: 'input_invalid', message: expect.stringContaining('shop.absent') as string });
  });

  it('B16 brings settings, grants and comment of the database, under whatever name', async () => {
    await using odd = await freshDatabase(server);
    await using session = await odd.session();
    await session.execute(`ALTER DATABASE ${odd.name} SET work_mem = '5MB'; ALTER DATABASE ${odd.name} CONNECTION LIMIT 7; COMMENT ON DATABASE ${odd.name} IS 'all of it'; REVOKE TEMPORARY ON DATABASE ${odd.name} FROM PUBLIC`);
    const { database } = await restore(await another(odd));
    const facts = "SELECT datconnlimit, shobj_description(d.oid, 'pg_database') AS comment, has_database_privilege('public', d.oid, 'TEMPORARY') AS temporary, (SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 0) AS settings FROM pg_database d WHERE datname = current_database()";
    expect(await rowsOf(database, facts)).toEqual([{ datconnlimit: 7, comment: 'all of it', temporary: false, settings: ['work_mem=5MB'] }]);
  });

  it('B17 names the roles that are missing, or makes them without the right to log in', async () => {
    const role = uniqueName('owner');
    await using maintenance = await connect(server, { purpose: 'test' });
    await maintenance.execute(`CREATE ROLE ${role}`);
    await using owned = await freshDatabase(server);
    await using session = await owned.session();
    await session.execute(`CREATE TABLE public.t (id int); ALTER TABLE public.t OWNER TO ${role}`);
    const backup = await another(owned);
    await session.execute(`DROP TABLE public.t; DROP ROLE ${role}`);
    await expect(restore(backup)).rejects.toMatchObject({ code: 'preflight_failed', detail: `Server ${server.name} does not have the roles ${role}.` });
    const { database, rolesMade } = await restore(backup, { missingRoles: 'create' });
    expect(rolesMade).toEqual([role]);
    expect(await rowsOf(database, `SELECT rolcanlogin, tableowner FROM pg_roles, pg_tables WHERE rolname = '${role}' AND tablename = 't'`)).toEqual([{ rolcanlogin: false, tableowner: role }]);
    await dropDatabase(server, database);
    await maintenance.execute(`DROP ROLE ${role}`);
  });

  it('keeps names and rows of a database in another encoding', async () => {
    const name = named();
    await using maintenance = await connect(server, { purpose: 'test' });
    await maintenance.execute(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
    await using session = await connect(server, { purpose: 'test', database: name });
    await session.execute(`CREATE TABLE public."Größe" ("Maß" text); INSERT INTO public."Größe" VALUES ('é'), ('ü'); CREATE INDEX "Größenmaß" ON public."Größe" ("Maß")`);
    const backup = await makeSmallBackup({ server, database: name }, { store, key, backupId: '20261120T060000Z-0123abcd' });
    expect(backup.manifest.source.encoding).toBe('LATIN1');
    const { database } = await restore(backup);
    expect(await rowsOf(database, 'SELECT "Maß" AS m, pg_encoding_to_char(encoding) AS encoding FROM public."Größe", pg_database WHERE datname = current_database()')).toEqual([{ m: 'é', encoding: 'LATIN1' }, { m: 'ü', encoding: 'LATIN1' }]);
    const { differences } = await sameDatabases({ source: { server, database: name }, target: { server, database }, ignoreKinds: ['database'] });
    expect(differences).toEqual([]);
  });

  it('B59 leaves subscriptions disabled, switches jobs off, and names both', async () => {
    await using busy = await freshDatabase(server);
    await using session = await busy.session();
    await session.execute("CREATE SUBSCRIPTION follows CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false); CREATE SCHEMA cron; CREATE TABLE cron.job (jobid int, command text, active bool); INSERT INTO cron.job VALUES (1, 'DELETE FROM x', true)");
    const { database, activity } = await restore(await another(busy));
    expect(activity).toEqual({ subscriptions: ['follows'], jobs: ['cron job 1: DELETE FROM x'] });
    expect(await rowsOf(database, "SELECT subenabled FROM pg_subscription WHERE subname = 'follows' AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())")).toEqual([{ subenabled: false }]);
    expect(await rowsOf(database, 'SELECT active FROM cron.job')).toEqual([{ active: false }]);
  });
});

describe('a restore that cannot be whole', () => {
  it('B10 is quarantined, with every item that failed and the command that removes it', async () => {
    await using choosy = await freshDatabase(server);
    await using session = await choosy.session();
    await session.execute(`
      CREATE FUNCTION public.home(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF current_database() <> '${choosy.name}' THEN RAISE EXCEPTION 'not at home'; END IF; RETURN n; END $$;
      CREATE TABLE public.a (id int); INSERT INTO public.a VALUES (1); CREATE INDEX first ON public.a (public.home(id)); CREATE INDEX second ON public.a (public.home(-id));
      CREATE TABLE public.b (id int PRIMARY KEY)`);
    const backup = await another(choosy);
    const [runId, database] = [run(), named()];
    const error = await restore(backup, { runId, database }).catch((thrown: unknown) => thrown as { code: string; detail: string; hint: string });
    expect(error).toMatchObject({ code: 'restore_incomplete', message: expect.stringMatching(/^2 parts/) as string });
    const { detail, hint } = error as { detail: string; hint: string };
    // Indexes are built side by side: which of them fails first is open.
    expect(detail).toMatch(/index public\.first: .*not at home/);
    expect(detail).toMatch(/index public\.second: .*not at home/);
    expect(detail).toContain('Not there: index public.first is not there; index public.second is not there.');
    expect(hint).toContain(`DROP DATABASE "${quarantineName(runId)}";`);
    await using maintenance = await connect(server, { purpose: 'test' });
    expect(await maintenance.rows('SELECT datname, datallowconn FROM pg_database WHERE datname IN ($1, $2, $3)', [database, restoringName(runId), quarantineName(runId)])).toEqual([{ datname: quarantineName(runId), datallowconn: false }]);
  });

  it('B6 commits no row of a table that has fewer than were counted', async () => {
    const edit: SmallBackupWish['edit'] = (manifest) => ({ ...manifest, tables: manifest.tables.map((table) => (table.name === 'twin' ? { ...table, rows: table.rows + 1 } : table)) });
    const runId = run();
    await expect(restore(await another(source, { edit }), { runId })).rejects.toMatchObject({ code: 'backup_damaged', detail: expect.stringContaining('501 rows of table other.twin were counted for the manifest and 500 are in file') as string });
    await using maintenance = await connect(server, { purpose: 'test' });
    await maintenance.execute(`ALTER DATABASE ${quarantineName(runId)} ALLOW_CONNECTIONS true`);
    expect(await rowsOf(quarantineName(runId), 'SELECT (SELECT count(*) FROM other.twin) AS twin, (SELECT count(*) FROM other.triplet) AS triplet')).toEqual([{ twin: 0, triplet: 500 }]);
  });
});

describe('a restore that is cut short', () => {
  /** Cuts it when it says that it does this. */
  const cutAt = async (what: RegExp, runId: string, database: string): Promise<void> => {
    const abort = new AbortController();
    const tell = ({ doing }: { doing: string }): void => {
      if (what.test(doing)) abort.abort(new Error('cut'));
    };
    await expect(restore(whole, { runId, database, signal: abort.signal, tell, lanes: 1 })).rejects.toThrow();
  };

  it('goes on behind what was finished', async () => {
    const [runId, database] = [run(), named()];
    await cutAt(/^index shop\.orders/, runId, database);
    const { resumed } = await restore(whole, { runId, database });
    expect(resumed).toMatch(/^went on behind \d+ parts of \d+/);
    const { differences } = await sameDatabases({ source: { server, database: source.name }, target: { server, database }, ignoreKinds: ['database'] });
    expect(differences).toEqual([]);
  });

  it('begins again when the definitions were not all there', async () => {
    const [runId, database] = [run(), named()];
    await cutAt(/^creating types/, runId, database);
    const { resumed } = await restore(whole, { runId, database });
    expect(resumed).toMatch(/^began again/);
  });

  it('gives the same answer when it had finished already', async () => {
    const [runId, database] = [run(), named()];
    const first = await restore(whole, { runId, database });
    const again = await restore(whole, { runId, database });
    expect(again).toMatchObject({ rows: first.rows, resumed: 'an earlier attempt had finished' });
  });
});
