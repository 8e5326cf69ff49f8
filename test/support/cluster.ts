import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { postgresFolders } from '../../config/program-folders.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { freePort } from '../../programs/ports.ts';
import { createCluster, type ClusterPlan, type PostgresCluster, type SettingValue } from '../../programs/postgres-cluster.ts';
import { killCluster, startCluster, stopCluster, type StopMode } from '../../programs/postgres-control.ts';
import { findInstallations, pickServer } from '../../programs/postgres-installations.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { endCluster } from './run-folder.ts';
import { uniqueName } from './unique-name.ts';

/** What another test process has to know to connect. */
export interface ClusterFacts {
  readonly port: number;
  readonly password: string;
}

interface ClusterWish {
  readonly name: string;
  readonly major: number;
  readonly folder: string;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly hba?: ClusterPlan['hba'];
  readonly tls?: ClusterPlan['tls'];
  readonly socketDir?: string;
}

/** Creates a cluster in a folder of the run, where the end of the run finds it. */
export async function makeCluster(wish: ClusterWish): Promise<{ cluster: PostgresCluster; facts: ClusterFacts; start(): Promise<void> }> {
  const facts = { port: await freePort(), password: randomBytes(12).toString('hex') };
  await mkdir(wish.folder, { recursive: true });
  const account = await serverAccount();
  const cluster = await createCluster({
    name: wish.name,
    installation: pickServer(await findInstallations(postgresFolders()), wish.major).installation,
    dataDir: join(wish.folder, 'data'),
    logFile: join(wish.folder, 'server.log'),
    port: facts.port,
    superuser: 'postgres',
    password: new Secret(facts.password),
    settings: { ...wish.settings },
    noSync: true,
    ...(wish.hba ? { hba: wish.hba } : {}),
    ...(wish.tls ? { tls: wish.tls } : {}),
    ...(wish.socketDir ? { socketDir: wish.socketDir } : {}),
    ...(account ? { account } : {}),
  });
  await writeFile(join(wish.folder, 'cluster.json'), JSON.stringify(cluster));
  return { cluster, facts, start: () => startCluster(cluster) };
}

/** The address of a cluster that tests made. */
export const addressOf = (name: string, facts: ClusterFacts): ServerAddress => ({
  name,
  host: '127.0.0.1',
  port: facts.port,
  user: 'postgres',
  password: new Secret(facts.password),
  maintenanceDatabase: 'postgres',
  tls: { mode: 'disable' },
});

/** A server of a test's own, to stop and to kill. `await using` removes it. */
export interface PrivateServer extends AsyncDisposable {
  readonly server: ServerAddress;
  readonly cluster: PostgresCluster;
  start(): Promise<void>;
  stop(mode?: StopMode): Promise<void>;
  restart(mode?: StopMode): Promise<void>;
  /** As a power cut does. */
  kill(): Promise<void>;
}

/** Creates and starts one. Logical replication is on unless `settings` say otherwise; it flushes, for tests of crashes. */
export async function privateServer(major: number, wish: Pick<ClusterWish, 'settings' | 'hba' | 'tls' | 'socketDir'> = {}): Promise<PrivateServer> {
  const name = uniqueName(`private-${major}`);
  const folder = join(inject('runFolder'), name);
  const settings = { wal_level: 'logical', shared_buffers: '32MB', ...wish.settings };
  const { cluster, facts, start } = await makeCluster({ ...wish, name, major, folder, settings });
  await start();
  return {
    server: addressOf(name, facts),
    cluster,
    start,
    stop: (mode) => stopCluster(cluster, mode),
    restart: async (mode) => {
      await stopCluster(cluster, mode);
      await startCluster(cluster);
    },
    kill: () => killCluster(cluster),
    async [Symbol.asyncDispose]() {
      await endCluster(cluster);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
