import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Session } from '../../postgres/connection.ts';
import { postgresFolders } from '../../config/program-folders.ts';
import { findInstallations, pickClients, programPath } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import { createRentalShop, ensureShopRoles } from '../../scripts/data/rental-shop.ts';
import { dropDatabase } from './drop-database.ts';
import { freshDatabase, testServer, type FreshDatabase } from './postgres.ts';
import { differencesBetween, sameDatabases } from './same-databases.ts';
import { uniqueName } from './unique-name.ts';

let original: FreshDatabase;
let copy: FreshDatabase;
let source: Session;
let target: Session;

beforeAll(async () => {
  const server = await testServer(15);
  original = await freshDatabase(server);
  {
    await using session = await original.session();
    await session.execute(await readFile(new URL('same-databases/every-kind.sql', import.meta.url), 'utf8'));
  }
  copy = await freshDatabase(server, { template: original.name });
  source = await original.session();
  target = await copy.session();
});

afterAll(async () => {
  await source.close();
  await target.close();
  await copy.drop();
  await original.drop();
});

/** What differs while the target's own session sees a change, which is then taken back. (setval and nextval alone could not be.) */
async function differencesAfter(plant: string, ignoreSchemas: string[] = []): Promise<string[]> {
  try {
    await target.execute(`BEGIN; ${plant}`);
    return await differencesBetween({ source, target, ignoreSchemas, ignoreKinds: [] });
  } finally {
    await target.execute('ROLLBACK');
  }
}

test('a copy is the same', async () => {
  const { server } = original;
  expect(await sameDatabases({ source: { server, database: original.name }, target: { server, database: copy.name } })).toEqual({ equal: true, differences: [] });
});

test.each<[kind: string, plant: string, found: string]>([
  ['a flipped byte', "UPDATE zoo.animals SET data = '\\x0001fe' WHERE id = 1", 'table "zoo"."animals": row only on the target'],
  ['a NULL that became empty', "UPDATE zoo.animals SET data = '' WHERE id = 3", 'table "zoo"."animals": row only on the source'],
  ['the last digit of a float', 'UPDATE zoo.animals SET weight = 0.1::float8 + 1e-17 + 2e-17 WHERE id = 1', 'table "zoo"."animals": row only'],
  ['a missing row', 'DELETE FROM zoo.visits_2024', 'table "zoo"."visits_2024": row only on the source'],
  ['an extra row', "INSERT INTO zoo.animals (id, name) VALUES (99, 'dog')", 'table "zoo"."animals": row only on the target'],
  ['a row that is there once instead of twice', 'DROP RULE no_delete ON zoo.keepers; DELETE FROM zoo.keepers WHERE ctid = (SELECT min(ctid) FROM zoo.keepers)', 'table "zoo"."keepers": row only on the source'],
  ['a stale materialized view', "INSERT INTO zoo.animals (id, name) VALUES (99, 'dog'); REFRESH MATERIALIZED VIEW zoo.census", 'table "zoo"."census": row only'],
  ['a sequence that lags', 'ALTER SEQUENCE zoo.free RESTART WITH 9', 'sequence "zoo"."free": last_value'],
  ['a sequence called for the first time', "ALTER SEQUENCE zoo.uncalled RESTART; SELECT nextval('zoo.uncalled')", 'sequence "zoo"."uncalled": is_called'],
  ['a sequence of another step', 'ALTER SEQUENCE zoo.free INCREMENT 2', 'sequence definition zoo.free: increment'],
  ['a missing table', 'DROP TABLE zoo.visits_2024', 'relation zoo.visits_2024: only on the source'],
  ['a missing column', 'ALTER TABLE zoo.keepers DROP COLUMN keeper CASCADE', 'column zoo.keepers.keeper: only on the source'],
  ['another default', "ALTER TABLE zoo.animals ALTER name SET DEFAULT 'somebody'", 'column zoo.animals.name: default'],
  ['a lost NOT NULL', 'ALTER TABLE zoo.animals ALTER name DROP NOT NULL', 'column zoo.animals.name: not null'],
  ['a lost identity', 'ALTER TABLE zoo.animals ALTER id DROP IDENTITY', 'column zoo.animals.id: identity'],
  ['another type of a column', 'ALTER TABLE zoo.visits ALTER visitors TYPE bigint', 'column zoo.visits.visitors: type'],
  ['a missing index', 'DROP INDEX zoo.keepers_animal', 'index zoo.keepers_animal: only on the source'],
  ['an index of another condition', 'DROP INDEX zoo.keepers_animal; CREATE INDEX keepers_animal ON zoo.keepers (animal) WHERE keeper > 6', 'index zoo.keepers_animal: definition'],
  ['a missing primary key', 'ALTER TABLE zoo.animals DROP CONSTRAINT animals_pkey CASCADE', 'constraint zoo.animals animals_pkey: only on the source'],
  ['a foreign key that is not validated', 'ALTER TABLE zoo.keepers DROP CONSTRAINT keepers_animal_fkey, ADD CONSTRAINT keepers_animal_fkey FOREIGN KEY (animal) REFERENCES zoo.animals NOT VALID', 'constraint zoo.keepers keepers_animal_fkey: validated'],
  ['another check of a domain', 'ALTER DOMAIN zoo.positive DROP CONSTRAINT positive_check; ALTER DOMAIN zoo.positive ADD CONSTRAINT positive_check CHECK (VALUE > 1)', 'constraint zoo.positive positive_check: definition'],
  ['another label of an enum', "ALTER TYPE zoo.mood RENAME VALUE 'ok' TO 'fine'", 'type zoo.mood: labels'],
  ['a missing type', 'DROP TYPE zoo.span', 'type zoo.span: only on the source'],
  ['another view', 'CREATE OR REPLACE VIEW zoo.heavy AS SELECT id, name FROM zoo.animals WHERE weight > 11', 'view zoo.heavy: query'],
  ['another body of a function', "CREATE OR REPLACE FUNCTION zoo.feed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'", 'function zoo.feed(): body'],
  ['a disabled trigger', 'ALTER TABLE zoo.animals DISABLE TRIGGER feeding', 'trigger zoo.animals feeding: enabled'],
  ['a missing rule', 'DROP RULE no_delete ON zoo.keepers', 'rule zoo.keepers no_delete: only on the source'],
  ['a missing policy', 'DROP POLICY own ON zoo.keepers', 'policy zoo.keepers own: only on the source'],
  ['row security switched off', 'ALTER TABLE zoo.keepers DISABLE ROW LEVEL SECURITY', 'relation zoo.keepers: row security'],
  ['another replica identity', 'ALTER TABLE zoo.keepers REPLICA IDENTITY FULL', 'relation zoo.keepers: replica identity'],
  ['a detached partition', 'ALTER TABLE zoo.visits DETACH PARTITION zoo.visits_2024', 'relation zoo.visits_2024: partition bound'],
  ['another owner', 'ALTER TABLE zoo.keepers OWNER TO pg_monitor', 'relation zoo.keepers: owner'],
  ['a lost grant', 'REVOKE SELECT ON zoo.animals FROM PUBLIC', 'relation zoo.animals: acl'],
  ['lost default privileges', 'ALTER DEFAULT PRIVILEGES IN SCHEMA zoo REVOKE SELECT ON TABLES FROM PUBLIC', 'default privileges'],
  ['a lost comment', 'COMMENT ON COLUMN zoo.animals.weight IS NULL', 'comment table column zoo.animals.weight: only on the source'],
  ['lost statistics', 'DROP STATISTICS zoo.legs_mood', 'statistics zoo.legs_mood: only on the source'],
  ['another table in a publication', 'ALTER PUBLICATION animals_out ADD TABLE zoo.keepers', 'publication animals_out: tables'],
  ['another option of a table', 'ALTER TABLE zoo.animals SET (fillfactor = 50)', 'relation zoo.animals: options'],
  ['a lost extension', 'DROP EXTENSION plpgsql CASCADE', 'extension plpgsql: only on the source'],
  ['a lost collation', 'DROP COLLATION zoo.plain', 'object collation zoo.plain: only on the source'],
  ['a changed large object', "SELECT lo_put(4711, 0, 'A')", 'large object 4711: the bytes differ'],
  ['a lost large object', 'SELECT lo_unlink(4711)', 'large object 4711: only on the source'],
  ['a lost setting of the database', `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = %L', current_database(), '5MB'); END $$`, 'database : settings'],
])('%s is found', async (_, plant, found) => {
  const differences = await differencesAfter(plant);
  expect(differences.join('\n')).toContain(found);
});

test('a schema that is to be ignored hides what is in it and nothing else', async () => {
  const plant = "DELETE FROM zoo.visits; CREATE SCHEMA other; CREATE TABLE other.ledger (n integer); ALTER SEQUENCE zoo.free RESTART WITH 10";
  expect(await differencesAfter(plant, ['other'])).toHaveLength(2);
  expect(await differencesAfter(plant, ['other', 'zoo'])).toEqual([]);
});

test('a dump from 11 restored on 18 is the same, whatever the majors print differently', async () => {
  const [old, fresh] = [await testServer(11), await testServer(18)];
  const database = uniqueName('shop');
  await createRentalShop({ server: old, database, bytes: 15 * 2 ** 20 });
  await ensureShopRoles(fresh);
  await using restored = await freshDatabase(fresh);
  const clients = pickClients(await findInstallations(postgresFolders()), 18).installation;
  const env = (server: typeof old): Record<string, string> => ({ PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGPASSWORD: server.password?.reveal() ?? '' });
  const dump = await runProgram({ program: programPath(clients, 'pg_dump'), args: [database], env: env(old) });
  await runProgram({ program: programPath(clients, 'psql'), args: ['--quiet', '--set=ON_ERROR_STOP=1', restored.name], env: env(fresh), input: dump.stdout });
  const { differences } = await sameDatabases({ source: { server: old, database }, target: { server: fresh, database: restored.name }, ignoreKinds: ['database'] });
  await dropDatabase(old, database);
  expect(differences.join('\n')).toBe('');
});
