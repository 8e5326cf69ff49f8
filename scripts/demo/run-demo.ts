import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { bytesText } from '../../domain/migration/progress.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { APPLICATION_ROLE, createRentalShop, ensureShopRoles } from '../data/rental-shop.ts';
import { compareShops } from './compare-shops.ts';
import { commandRoute, DATABASE, MIGRATION, writeDemoInventory } from './demo-inventory.ts';
import { startDemoPooler } from './demo-pooler.ts';
import { buildReport, type DemoReport } from './demo-report.ts';
import { pickVersions, startDemoServer, type DemoServer } from './demo-servers.ts';
import { startDemoWorker } from './demo-worker.ts';
import type { Display } from './display.ts';
import { startEmbeddedParts, useOnlyDemoParts } from './embedded-parts.ts';
import { untilInterrupted } from './interruption.ts';
import { MigrationDisplay } from './migration-display.ts';
import type { DemoOptions } from './options.ts';
import { writeRoute } from './route.ts';
import { runMigration } from './run-migration.ts';
import { startApplication, type Application } from './writers/application.ts';
import { judge } from './writers/judge.ts';
import { readWrittenRequests } from './writers/written-requests.ts';

export interface DemoRun {
  /** Everything is made in it; see `demo-folder.ts`. */
  readonly folder: string;
  readonly options: DemoOptions;
  readonly display: Display;
  readonly interrupted: AbortSignal;
}

/** How long the application works before the migration begins, and goes on after it. */
const BEFORE_TRANSACTIONS = 200;
const AFTER_MS = 3_000;

/** The whole demo. What it starts goes on running: the caller ends it. Errors: what its steps throw, `interrupted`. */
export async function runDemo(run: DemoRun): Promise<DemoReport> {
  const stage = await setTheStage(run);
  const application = startApplication({ ...stage, folder: run.folder, writers: run.options.writers, rate: run.options.rate, user: APPLICATION_ROLE });
  try {
    await step(run, `application: ${run.options.writers} writers, ${run.options.rate} transactions a second`, () => untilInterrupted(run.interrupted, application.reach(BEFORE_TRANSACTIONS)));
    const { progress } = await migrate(run, application);
    const memory = await step(run, 'application goes on, and stops', async () => {
      await sleep(AFTER_MS, undefined, { signal: run.interrupted });
      return await application.stop();
    });
    const found = await step(run, 'comparing both sides, and every acknowledged write', async () => ({
      comparison: await withDatabaseOpened(stage.source.address, () => compareShops(stage.source.address, stage.target.address)),
      verdict: judge(memory.records, await readRequests(stage.target.address)),
    }));
    const versions = { source: stage.source.version, target: stage.target.version };
    return buildReport({ progress, memory, ...found, versions, bytes: stage.bytes, temporalUi: stage.temporalUi });
  } finally {
    await application.kill();
  }
}

interface Stage {
  readonly source: DemoServer;
  readonly target: DemoServer;
  /** Size of the source database. */
  readonly bytes: number;
  readonly temporalUi: string;
  readonly routeFile: string;
  /** Of the application's role. */
  readonly password: Secret;
}

async function setTheStage(run: DemoRun): Promise<Stage> {
  const { folder, options, display } = run;
  const inventoryFile = join(folder, 'pgconvoy.yaml');
  const routeFile = join(folder, 'route.json');
  const password = new Secret(randomBytes(18).toString('hex'));
  const { from, to } = await pickVersions(options);
  useOnlyDemoParts(folder, inventoryFile);
  const source = await step(run, `source: PostgreSQL ${from.version}`, () => startDemoServer(folder, { name: 'source', installation: from }));
  const target = await step(run, `target: PostgreSQL ${to.version}`, () => startDemoServer(folder, { name: 'target', installation: to }));
  const { uiUrl } = await step(run, 'Temporal server, catalog', () => startEmbeddedParts(folder, to));
  display.line(`  to watch it in Temporal's web page: ${uiUrl}`);
  const onStep = (title: string): void => display.live(`▶ rental shop: ${title}`);
  await step(run, `rental shop, ${bytesText(options.bytes)}`, () =>
    untilInterrupted(run.interrupted, createRentalShop({ server: source.address, database: DATABASE, bytes: options.bytes, applicationPassword: password, onStep })),
  );
  // Roles belong to servers, not to databases: the operator makes them, as with any migration.
  await ensureShopRoles(target.address, password);
  const pooler = options.pgbouncer ? await step(run, 'PgBouncer', () => startDemoPooler(folder, { source: source.address, password })) : undefined;
  await writeDemoInventory(inventoryFile, { source, target, route: pooler?.entry ?? commandRoute(routeFile) });
  await writeRoute(routeFile, pooler?.place ?? { host: source.address.host, port: source.address.port, database: DATABASE });
  await step(run, 'worker', () => startDemoWorker(folder));
  return { source, target, bytes: await sizeOf(source.address), temporalUi: uiUrl, routeFile, password };
}

async function migrate({ display, interrupted }: DemoRun, application: Application) {
  display.line('▶ migration (nobody has to approve the cutover in the demo)');
  const view = new MigrationDisplay(display);
  try {
    return await runMigration({ migration: MIGRATION, signal: interrupted, onProgress: (progress) => view.update(progress, application.transactions) });
  } finally {
    display.live('');
  }
}

/** Steps that make something run to their end even when interrupted: only what is complete can be ended. */
function step<T>({ display, interrupted }: DemoRun, title: string, work: () => Promise<T>): Promise<T> {
  interrupted.throwIfAborted();
  return display.step(title, work);
}

async function readRequests(target: ServerAddress) {
  await using session = await connect(target, { purpose: 'demo', database: DATABASE });
  return await readWrittenRequests(session);
}

/** After the switch the old database lets nobody in; to be compared it has to, for that long. */
async function withDatabaseOpened<T>(server: ServerAddress, work: () => Promise<T>): Promise<T> {
  await using session = await connect(server, { purpose: 'demo' });
  await session.execute(`ALTER DATABASE ${DATABASE} ALLOW_CONNECTIONS true`);
  try {
    return await work();
  } finally {
    await session.execute(`ALTER DATABASE ${DATABASE} ALLOW_CONNECTIONS false`);
  }
}

async function sizeOf(server: ServerAddress): Promise<number> {
  await using session = await connect(server, { purpose: 'demo', database: DATABASE });
  const { bytes } = await session.row<{ bytes: number }>('SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS bytes');
  return bytes;
}
