import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { listRuns } from '../../catalog/runs.ts';
import { migrationProgress, migrationResult, type MigrateDatabaseInput, type MigrateDatabaseResult, type MigrationOrder, orderMigration, startMigration } from '../../client/migrations.ts';
import type { ServerAddress } from '../../domain/server.ts';
import type { Phase } from '../../domain/migration/gates.ts';
import type { MigrationProgress } from '../../domain/migration/progress.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { runSchema } from '../../postgres/run-schema.ts';
import { APPLICATION_ROLE } from '../../scripts/data/rental-shop.ts';
import { type Application, startApplication } from '../../scripts/demo/writers/application.ts';
import { judge, type Verdict } from '../../scripts/demo/writers/judge.ts';
import { parseLedger, type WriteRecord } from '../../scripts/demo/writers/write-record.ts';
import { readWrittenRequests } from '../../scripts/demo/writers/written-requests.ts';
import type { Receipt } from '../../workflows/messages.ts';
import { type BedRoute, makeBedRoute } from './bed-route.ts';
import { type Hold, holdUp } from './bed-hold.ts';
import { until } from './bed-wait.ts';
import type { MigrationBed } from './migration-bed.ts';
import { sameDatabases } from './same-databases.ts';

/** One migration of a bed: its database has the same name on both servers and in the inventory. */
export interface BedMigration extends AsyncDisposable {
  readonly name: string;
  readonly route: BedRoute;
  start(overrides?: Omit<MigrateDatabaseInput, 'migration'>): Promise<void>;
  order(order: MigrationOrder): Promise<Receipt>;
  progress(): Promise<MigrationProgress>;
  result(): Promise<MigrateDatabaseResult>;
  /** Waits until the progress is as `wanted`; a run that has ended otherwise, or is parked, fails at once. */
  until(what: string, wanted: (progress: MigrationProgress) => boolean): Promise<MigrationProgress>;
  inPhase(phase: Phase): Promise<MigrationProgress>;
  inState(state: MigrationProgress['state']): Promise<MigrationProgress>;
  /** The run's id, once it is in the catalog. */
  runId(): Promise<string>;
  /** Our schema of the run, quoted. */
  schema(): Promise<string>;
  onSource(): Promise<Session>;
  onTarget(): Promise<Session>;
  /** Whether the source lets anybody in. */
  isOpen(): Promise<boolean>;
  /** Stands in the way on the target; see {@link holdUp}. */
  hold(sql: string): Promise<Hold>;
  /** An empty database on the target, as an operator may have made one; again is fine. */
  createTarget(): Promise<void>;
  /** Starts the writers, and waits until they write. */
  startApplication(): Promise<void>;
  /** What the writers have on record so far. */
  records(): Promise<WriteRecord[]>;
  /** Waits until the writers have `count` more transactions acknowledged by a server. */
  written(where: 'source' | 'target', count?: number): Promise<void>;
  /** Every difference between the two databases, with the source opened for as long as that takes and nobody writing. */
  differences(): Promise<string[]>;
  /** Leads the application to the target, lets it write there, stops it, and compares its memory with the target. */
  judgeOnTarget(): Promise<Verdict>;
  /** Stops the application and compares its memory with the source. */
  judgeOnSource(): Promise<Verdict>;
}

const ENDED: readonly string[] = ['completed', 'failed', 'aborted', 'parked'];

export async function bedMigration(bed: MigrationBed, name: string): Promise<BedMigration> {
  const folder = join(bed.folder, name);
  await mkdir(folder);
  const route = await makeBedRoute(folder);
  const { client } = bed;
  let application: Application | undefined;
  const place = ({ host, port }: ServerAddress) => ({ host, port, database: name });
  const progress = (): Promise<MigrationProgress> => migrationProgress(client, name);
  const reach: BedMigration['until'] = (what, wanted) =>
    until(what, async () => {
      // Nobody answers while a Temporal server or a worker is away.
      const now = await progress().catch(() => undefined);
      if (now === undefined) return undefined;
      if (wanted(now)) return now;
      if (ENDED.includes(now.state)) throw new Error(`waited for ${what}, but the run is ${now.state}: ${JSON.stringify(now.problem)}`);
      return undefined;
    }, progress);
  const runId = (): Promise<string> => until('the run in the catalog', async () => (await listRuns(bed.catalog, { kind: 'migration', subject: name, limit: 1 }))[0]?.runId);
  const onTarget = (): Promise<Session> => connect(bed.target.server, { purpose: 'test', database: name });
  const records = async (): Promise<WriteRecord[]> => parseLedger(await readFile(join(folder, 'ledger.jsonl'), 'utf8'));
  const ackedBy = async (where: 'source' | 'target'): Promise<number> => {
    const { host, port } = bed[where].server;
    return (await records()).filter(({ outcome, server }) => outcome === 'acked' && server === `${host}:${port}/${name}`).length;
  };
  const written: BedMigration['written'] = async (where, count = 5) => {
    const before = await ackedBy(where);
    await until(`the application to write on the ${where}`, async () => (await ackedBy(where)) >= before + count);
  };
  const judgeOn = async (where: 'source' | 'target'): Promise<Verdict> => {
    const memory = await (application as Application).stop();
    await using session = await connect(bed[where].server, { purpose: 'test', database: name });
    return judge(memory.records, await readWrittenRequests(session));
  };
  return {
    name,
    route,
    start: async (overrides) => void (await startMigration(client, { migration: name, requestedBy: 'a test', ...overrides })),
    order: (order) => orderMigration(client, name, order, { by: 'a test' }),
    progress,
    result: () => migrationResult(client, name),
    until: reach,
    inPhase: (phase) => reach(`phase ${phase}`, (now) => now.phases.find((row) => row.phase === phase)?.state === 'running'),
    inState: (state) => reach(`state ${state}`, (now) => now.state === state),
    runId,
    schema: async () => quoteIdent(runSchema(await runId())),
    onSource: () => connect(bed.source.server, { purpose: 'test', database: name }),
    onTarget,
    isOpen: async () => {
      await using session = await connect(bed.source.server, { purpose: 'test' });
      return (await session.row<{ open: boolean }>('SELECT datallowconn AS open FROM pg_database WHERE datname = $1', [name])).open;
    },
    hold: (sql) => holdUp(bed.target.server, name, sql),
    createTarget: async () => {
      await using session = await connect(bed.target.server, { purpose: 'test' });
      if ((await session.maybeRow('SELECT 1 FROM pg_database WHERE datname = $1', [name])) !== undefined) return;
      await session.execute(`CREATE DATABASE ${quoteIdent(name)} TEMPLATE template0`);
    },
    startApplication: async () => {
      await route.lead(place(bed.source.server));
      application = startApplication({ routeFile: route.file, folder, writers: 4, rate: 60, user: APPLICATION_ROLE, password: bed.applicationPassword });
      await application.reach(10);
    },
    records,
    written,
    differences: async () => {
      await using control = await connect(bed.source.server, { purpose: 'test' });
      await control.execute(`ALTER DATABASE ${quoteIdent(name)} ALLOW_CONNECTIONS false`);
      // Nobody but a superuser gets in from here on.
      await control.execute(`ALTER DATABASE ${quoteIdent(name)} CONNECTION LIMIT 0`);
      await control.execute('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
      await control.execute(`ALTER DATABASE ${quoteIdent(name)} ALLOW_CONNECTIONS true`);
      // Each side computes them when it was last told to.
      for (const server of [bed.source.server, bed.target.server]) {
        await using session = await connect(server, { purpose: 'test', database: name });
        await session.execute('REFRESH MATERIALIZED VIEW reporting.sales_by_month');
      }
      return (await sameDatabases({ source: { server: bed.source.server, database: name }, target: { server: bed.target.server, database: name }, ignoreSchemas: [runSchema(await runId())], ignoreKinds: ['database'] })).differences;
    },
    judgeOnTarget: async () => {
      await route.lead(place(bed.target.server));
      await written('target');
      return await judgeOn('target');
    },
    judgeOnSource: () => judgeOn('source'),
    [Symbol.asyncDispose]: async () => {
      await application?.kill();
    },
  };
}
