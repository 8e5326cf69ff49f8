import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { Client } from '@temporalio/client';

import { reportPage } from '../../../cli/backup/report/page.ts';
import { readReport } from '../../../cli/backup/report/read-report.ts';
import { declaredSchedules } from '../../../cli/schedule/declared.ts';
import { listBackups, type BackupRow } from '../../../catalog/backups.ts';
import { openCatalog, type Catalog } from '../../../catalog/open-catalog.ts';
import { type BackUpServerResult, type RestoreBackupResult, startProof, startRestore, type VerifyBackupResult } from '../../../client/backups.ts';
import { connectClient } from '../../../client/connect-client.ts';
import { applySchedules } from '../../../client/schedules.ts';
import { catalogAddress } from '../../../config/catalog-address.ts';
import { loadInventory } from '../../../config/inventory.ts';
import { resolveStore } from '../../../config/resolve-store.ts';
import { temporalConnection } from '../../../config/temporal-connection.ts';
import { bytesText } from '../../../domain/migration/progress.ts';
import { Secret } from '../../../domain/secret.ts';
import { connect } from '../../../postgres/connection.ts';
import { openStore } from '../../../storage/open-store.ts';
import { APPLICATION_ROLE, createRentalShop, ensureShopRoles } from '../../data/rental-shop.ts';
import { DATABASE } from '../demo-inventory.ts';
import { pickVersions, startDemoServer, type DemoServer } from '../demo-servers.ts';
import { startDemoWorker } from '../demo-worker.ts';
import { startEmbeddedParts, useOnlyDemoParts } from '../embedded-parts.ts';
import { untilInterrupted } from '../interruption.ts';
import { writeRoute } from '../route.ts';
import type { DemoRun } from '../run-demo.ts';
import { startApplication } from '../writers/application.ts';
import { POLICY, RESTORED, writeBackupInventory } from './backup-inventory.ts';
import { compareDatabases } from './compare-databases.ts';
import { damageOneObject } from './damage.ts';
import { follow, runNight } from './run-night.ts';
import type { BackupStoryReport } from './story-report.ts';

interface Stage {
  readonly source: DemoServer;
  readonly target: DemoServer;
  readonly temporalUi: string;
  readonly password: Secret;
}

/** What the source was at the snapshot, kept beside it: nobody writes between this copy and the backup. */
const THEN = 'shop_then';
const TRANSACTIONS = 200;

/** The whole story. What it starts goes on running: the caller ends it. Errors: what its steps throw, `interrupted`. */
export async function runBackupStory(run: DemoRun): Promise<BackupStoryReport> {
  const stage = await setTheStage(run);
  await using open = await connectClient(temporalConnection());
  const { address, database } = catalogAddress(undefined);
  await using catalog = await openCatalog(address, database);
  const { client } = open;
  await step(run, `schedule of policy ${POLICY}`, () => applySchedules(client, declaredSchedules(loadInventory(inventoryOf(run)))));
  await night(run, client, 'first');
  await step(run, `application works: ${TRANSACTIONS} transactions`, () => work(run, stage));
  await step(run, 'the source as it is now, for later', () => copyDatabase(stage.source));
  const second = await night(run, client, 'second');
  await step(run, 'application goes on, and the source is another one', () => work(run, stage));
  const [newest, older] = await listBackups(catalog, { policy: POLICY, states: ['proven'] }) as [BackupRow, BackupRow];
  const damage = await damageAndProve(run, client, older);
  const restored = await step(run, `restoring ${newest.backupId} into a new server`, async () =>
    await untilInterrupted(run.interrupted, follow<RestoreBackupResult>(client, await startRestore(client, { newest: POLICY, server: 'target', database: RESTORED, requestedBy: 'the demo' }), run.display)),
  );
  const comparison = await step(run, 'comparing every row with the source as it was', () => compareDatabases({ server: stage.source.address, database: THEN }, { server: stage.target.address, database: RESTORED }));
  const page = await step(run, 'report page', () => writePage(run, catalog));
  return {
    provenBackups: (await listBackups(catalog, { policy: POLICY, states: ['proven'] })).length,
    ...damage,
    restoredEqual: comparison.differences.length === 0,
    restoreSeconds: restored.seconds,
    storedBytes: newest.storedBytes ?? 0,
    rawBytes: newest.rawBytes ?? 0,
    rows: comparison.rows,
    dumpSeconds: newest.dumpSeconds ?? 0,
    proofSeconds: second.databases[0]?.proofSeconds ?? 0,
    differences: comparison.differences.slice(0, 100),
    source: stage.source.version,
    target: stage.target.version,
    page,
    temporalUi: stage.temporalUi,
  };
}

async function setTheStage(run: DemoRun): Promise<Stage> {
  const { folder, options, display } = run;
  const password = new Secret(randomBytes(18).toString('hex'));
  // Backups are tried with a server of their own major, so that one major is enough here.
  const { to } = await pickVersions(options);
  const from = options.from === undefined ? to : (await pickVersions(options)).from;
  useOnlyDemoParts(folder, inventoryOf(run));
  await mkdir(join(folder, 'staging'));
  const source = await step(run, `source: PostgreSQL ${from.version}`, () => startDemoServer(folder, { name: 'source', installation: from }));
  const target = await step(run, `server to restore to: PostgreSQL ${to.version}`, () => startDemoServer(folder, { name: 'target', installation: to }));
  const { uiUrl, store } = await step(run, 'Temporal server, catalog, object store', () => startEmbeddedParts(folder, to, { store: true }));
  display.line(`  to watch it in Temporal's web page: ${uiUrl}`);
  await step(run, `rental shop, ${bytesText(options.bytes)}`, () =>
    untilInterrupted(run.interrupted, createRentalShop({ server: source.address, database: DATABASE, bytes: options.bytes, applicationPassword: password, onStep: (title) => display.live(`▶ rental shop: ${title}`) })),
  );
  // Passwords of roles are not in a backup: the operator makes the roles.
  await ensureShopRoles(target.address, password);
  await writeBackupInventory(folder, { source, target, store: store! });
  await writeRoute(join(folder, 'route.json'), { host: source.address.host, port: source.address.port, database: DATABASE });
  await step(run, 'worker', () => startDemoWorker(folder));
  return { source, target, temporalUi: uiUrl, password };
}

const night = (run: DemoRun, client: Client, which: string): Promise<BackUpServerResult> => {
  run.interrupted.throwIfAborted();
  run.display.line(`▶ ${which} night: dump, store, restore into a throwaway server, compare`);
  return untilInterrupted(run.interrupted, runNight<BackUpServerResult>(client, POLICY, run.display));
};

async function work({ folder, options, interrupted }: DemoRun, { password }: Stage): Promise<void> {
  const application = startApplication({ routeFile: join(folder, 'route.json'), folder, writers: options.writers, rate: options.rate, user: APPLICATION_ROLE, password });
  try {
    await untilInterrupted(interrupted, application.reach(TRANSACTIONS));
    await application.stop();
  } finally {
    await application.kill();
  }
}

async function copyDatabase({ address }: DemoServer): Promise<void> {
  await using session = await connect(address, { purpose: 'demo' });
  await session.execute(`CREATE DATABASE ${THEN} TEMPLATE ${DATABASE}`);
}

/** Yesterday's backup was proven. Since then a bit has flipped, and proving it again finds that out. */
async function damageAndProve(run: DemoRun, client: Client, backup: BackupRow): Promise<{ mutatedRejected: boolean; rejection: string }> {
  const store = openStore(resolveStore(loadInventory(inventoryOf(run)), backup.store, run.folder));
  const object = await step(run, `one bit of ${backup.backupId} is flipped in the store`, () => damageOneObject(store, backup.prefix));
  const { verdict, problem } = await step(run, `proving ${backup.backupId} again`, async () =>
    await untilInterrupted(run.interrupted, follow<VerifyBackupResult>(client, await startProof(client, { backup: backup.backupId, requestedBy: 'the demo' }), run.display)),
  );
  const rejection = problem?.detail ?? problem?.message ?? '';
  run.display.line(`  ${verdict}: ${rejection}`);
  return { mutatedRejected: verdict === 'rejected' && rejection.includes(object.slice(backup.prefix.length)), rejection };
}

async function writePage({ folder, options }: DemoRun, catalog: Catalog): Promise<string | null> {
  const page = options.page === undefined ? join(folder, 'report.html') : resolve(options.page);
  await writeFile(page, reportPage(await readReport(catalog, loadInventory(join(folder, 'pgconvoy.yaml')), { days: 90 })));
  return options.keep || options.page !== undefined ? page : null;
}

const inventoryOf = ({ folder }: DemoRun): string => join(folder, 'pgconvoy.yaml');

/** Steps that make something run to their end even when interrupted: only what is complete can be ended. */
function step<T>({ display, interrupted }: DemoRun, title: string, work_: () => Promise<T>): Promise<T> {
  interrupted.throwIfAborted();
  return display.step(title, work_);
}
