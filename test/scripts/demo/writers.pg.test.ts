import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { Secret } from '../../../domain/secret.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { APPLICATION_ROLE, createRentalShop } from '../../../scripts/data/rental-shop.ts';
import { writeRoute } from '../../../scripts/demo/route.ts';
import { startApplication, type Application } from '../../../scripts/demo/writers/application.ts';
import { judge } from '../../../scripts/demo/writers/judge.ts';
import { parseLedger } from '../../../scripts/demo/writers/write-record.ts';
import { readWrittenRequests } from '../../../scripts/demo/writers/written-requests.ts';
import { until } from '../../support/bed-wait.ts';
import { dropDatabase } from '../../support/drop-database.ts';
import { testServer } from '../../support/postgres.ts';
import { uniqueName } from '../../support/unique-name.ts';

const PASSWORD = new Secret('of the shop');
const first = uniqueName('shop');
const second = uniqueName('shop');
let server: ServerAddress;
let folder: string;

beforeAll(async () => {
  server = await testServer(15);
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-writers-'));
  for (const database of [first, second]) await createRentalShop({ server, database, bytes: 15 * 2 ** 20, applicationPassword: PASSWORD });
});

afterAll(async () => {
  for (const database of [first, second]) await dropDatabase(server, database);
  await rm(folder, { recursive: true, force: true });
});

/** An application on the first shop, already at work. */
async function workingApplication(): Promise<Application> {
  await routeTo(first);
  const application = startApplication({ routeFile: join(folder, 'route.json'), folder, writers: 3, rate: 150, user: APPLICATION_ROLE, password: PASSWORD });
  await application.reach(30);
  await everyWriterOn(first);
  return application;
}

/** Resolves when each of the three has had a transaction acknowledged by a database. */
const everyWriterOn = async (database: string): Promise<void> =>
  void (await until(`every writer to write to ${database}`, async () => {
    const records = parseLedger(await readFile(join(folder, 'ledger.jsonl'), 'utf8'));
    return new Set(records.filter(({ outcome, server: at }) => outcome === 'acked' && at.endsWith(`/${database}`)).map(({ writer }) => writer)).size === 3;
  }));

const routeTo = (database: string): Promise<void> => writeRoute(join(folder, 'route.json'), { host: server.host, port: server.port, database });

const throwOut = (session: Session): Promise<unknown> =>
  session.rows('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() AND usename = $1', [APPLICATION_ROLE]);

test('writers that are thrown out go on where the route leads, and remember every commit and failure', async () => {
  const application = await workingApplication();
  await using old = await connect(server, { purpose: 'test', database: first });
  await using fresh = await connect(server, { purpose: 'test', database: second });
  await routeTo(second);
  await throwOut(old);
  await everyWriterOn(second);
  const { summary, records } = await application.stop();

  expect(summary).toMatchObject({ writers: 3, failed: 3 });
  expect(summary.acked).toBe(records.filter((record) => record.outcome === 'acked').length);
  expect(summary.cutoverGapMs.max).toBeGreaterThan(0);
  const everywhere = [...(await readWrittenRequests(old)), ...(await readWrittenRequests(fresh))];
  expect(judge(records, everywhere)).toMatchObject({ acked: summary.acked, lost: [], duplicated: [], torn: [], unexplained: [] });
  expect(judge(records, await readWrittenRequests(fresh)).lost.length).toBeGreaterThan(20);
});

test('rows that vanish or double after their commit are found', async () => {
  await using session = await connect(server, { purpose: 'test', database: first });
  await session.execute('TRUNCATE shop.write_ledger; DELETE FROM shop.payments USING shop.rentals WHERE rentals.rental_id = payments.rental_id AND request IS NOT NULL; DELETE FROM shop.rentals WHERE request IS NOT NULL');
  await rm(join(folder, 'ledger.jsonl'));
  const application = await workingApplication();
  const { records } = await application.stop();

  await session.execute(`
    DELETE FROM shop.payments WHERE rental_id IN (SELECT rental_id FROM shop.rentals WHERE request IN ('0/3', '1/4'));
    DELETE FROM shop.rentals WHERE request = '0/3';
    DELETE FROM shop.write_ledger WHERE writer = 0 AND n = 3;
    INSERT INTO shop.write_ledger (writer, n) VALUES (2, 5), (2, 1000000)`);
  expect(judge(records, await readWrittenRequests(session))).toMatchObject({
    lost: ['0/3'],
    torn: expect.arrayContaining(['1/4', '2/1000000']),
    duplicated: ['2/5'],
    unexplained: ['2/1000000'],
  });
});
