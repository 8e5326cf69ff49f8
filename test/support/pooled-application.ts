import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import { pgbouncerProgram } from '../../config/program-folders.ts';
import { Secret } from '../../domain/secret.ts';
import { connect } from '../../postgres/connection.ts';
import { openConsole, type PgBouncerConsole } from '../../postgres/pgbouncer-console.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { type PgBouncer, startPgBouncer } from '../../programs/pgbouncer.ts';
import { freePort } from '../../programs/ports.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { APPLICATION_ROLE } from '../../scripts/data/rental-shop.ts';
import { writeRoute } from '../../scripts/demo/route.ts';
import { type ApplicationMemory, startApplication } from '../../scripts/demo/writers/application.ts';
import { judge, type Verdict } from '../../scripts/demo/writers/judge.ts';
import { readWrittenRequests } from '../../scripts/demo/writers/written-requests.ts';
import type { BedMigration } from './bed-migration.ts';
import { until } from './bed-wait.ts';
import type { MigrationBed, MigrationWish } from './migration-bed.ts';
import { uniqueName } from './unique-name.ts';

/** A migration whose application knows nothing but a PgBouncer. */
export interface PooledMigration extends AsyncDisposable {
  readonly migration: BedMigration;
  readonly pooler: PgBouncer;
  /** Of the admin role. */
  readonly console: PgBouncerConsole;
  /** A client of the application's role, through the pool. */
  client(): Promise<pg.Client>;
  /** Whether work is held back. */
  isPaused(): Promise<boolean>;
  /** Waits until the writers have `count` more transactions acknowledged, wherever. */
  written(count?: number): Promise<void>;
  /** Ends the writers: what they remember, held against one of the servers. */
  judgeOn(where: 'source' | 'target'): Promise<ApplicationMemory & { verdict: Verdict }>;
}

const ENTRY = 'shop';
const ADMIN = 'pool_admin';

interface PooledWish extends MigrationWish {
  /** Of the route, over the right ones. */
  readonly route?: Readonly<Record<string, unknown>>;
  /** Of PgBouncer. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Starts a PgBouncer with an entry that points at the source, and writers that go through it. */
export async function pooledMigration(bed: MigrationBed, { route = {}, settings = {}, ...wish }: PooledWish = {}): Promise<PooledMigration> {
  await using made = new AsyncDisposableStack();
  const folder = `${bed.folder}-${uniqueName('pgbouncer')}`;
  await mkdir(folder);
  const [port, password] = [await freePort(), new Secret(uniqueName('admin'))];
  const passwordFile = join(folder, 'admin-password');
  await writeFile(passwordFile, password.reveal(), { mode: 0o600 });
  const configFile = join(folder, 'pgbouncer.ini');
  const entry = { kind: 'pgbouncer', host: '127.0.0.1', port, user: ADMIN, password: `file:${passwordFile}`, database: ENTRY, configFile, ...route };
  const migration = made.use(await bed.migration({ ...wish, cutover: { ...wish.cutover, route: entry } }));
  const { server } = bed.source;
  const pooler = await startPgBouncer({
    program: pgbouncerProgram(),
    folder,
    port,
    databases: { [ENTRY]: { host: server.host, port: server.port, database: migration.name } },
    users: { [APPLICATION_ROLE]: bed.applicationPassword, [ADMIN]: password },
    admins: [ADMIN],
    settings,
    account: await serverAccount(),
  });
  made.defer(() => stopDetached(pooler.pidFile).then(() => undefined));
  const console = made.use(await openConsole({ ...pooler, user: ADMIN, password }));
  const routeFile = join(folder, 'route.json');
  await writeRoute(routeFile, { host: pooler.host, port, database: ENTRY });
  const application = startApplication({ routeFile, folder: join(bed.folder, migration.name), writers: 4, rate: 60, user: APPLICATION_ROLE, password: bed.applicationPassword });
  made.defer(() => application.kill());
  await application.reach(10);
  const acked = async (): Promise<number> => (await migration.records()).filter(({ outcome }) => outcome === 'acked').length;
  const parts = made.move();
  return {
    migration,
    pooler,
    console,
    client: async () => {
      const client = new pg.Client({ host: pooler.host, port, database: ENTRY, user: APPLICATION_ROLE, password: bed.applicationPassword.reveal() });
      client.on('error', () => undefined);
      parts.defer(() => client.end().catch(() => undefined));
      await client.connect();
      return client;
    },
    isPaused: async () => (await console.entry(ENTRY))?.paused === true,
    written: async (count = 40) => {
      const before = await acked();
      await until('the application to write', async () => (await acked()) >= before + count);
    },
    judgeOn: async (where) => {
      const memory = await application.stop();
      await using session = await connect(bed[where].server, { purpose: 'test', database: migration.name });
      return { ...memory, verdict: judge(memory.records, await readWrittenRequests(session)) };
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}
