import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { postgresFolders } from '../../config/program-folders.ts';
import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { freePort } from '../../programs/ports.ts';
import { createCluster, type SettingValue } from '../../programs/postgres-cluster.ts';
import { startCluster } from '../../programs/postgres-control.ts';
import { findInstallations, pickServer, type PostgresInstallation } from '../../programs/postgres-installations.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { OLDEST_SHOP_MAJOR } from '../data/rental-shop.ts';
import { partFolder, rememberCluster } from './demo-folder.ts';

/** A server of the demo, with what others need to be told about it. */
export interface DemoServer {
  readonly address: ServerAddress;
  /** As printed, for example `11.22`. */
  readonly version: string;
  readonly passwordFile: string;
}

/** What a careful operator has set for a migration. Flushing stays on: the pause and the losses shown are real ones. */
const SETTINGS: Readonly<Record<string, SettingValue>> = {
  wal_level: 'logical',
  max_connections: 100,
  max_replication_slots: 10,
  max_wal_senders: 10,
  max_wal_size: '2GB',
  shared_buffers: '128MB',
};

/** Creates and starts a server with a random password, in a folder of the demo. */
export async function startDemoServer(demo: string, server: { name: string; installation: PostgresInstallation; settings?: Readonly<Record<string, SettingValue>> }): Promise<DemoServer> {
  const folder = await partFolder(demo, server.name);
  const passwordFile = join(folder, 'password');
  const password = randomBytes(18).toString('hex');
  await writeFile(passwordFile, password, { mode: 0o600 });
  const account = await serverAccount();
  const cluster = await createCluster({
    name: server.name,
    installation: server.installation,
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'server.log'),
    port: await freePort(),
    superuser: 'postgres',
    password: new Secret(password),
    settings: { ...SETTINGS, ...server.settings },
    ...(account === undefined ? {} : { account }),
  });
  await rememberCluster(folder, cluster);
  await startCluster(cluster);
  return {
    address: { name: server.name, host: '127.0.0.1', port: cluster.port, user: 'postgres', password: new Secret(password), maintenanceDatabase: 'postgres', tls: { mode: 'disable' } },
    version: server.installation.version,
    passwordFile,
  };
}

export interface Versions {
  readonly from: PostgresInstallation;
  readonly to: PostgresInstallation;
}

/** The versions of a demo among those that are installed; see {@link chooseVersions}. */
export const pickVersions = async (wanted: WantedMajors): Promise<Versions> => chooseVersions(await findInstallations(postgresFolders()), wanted);

interface WantedMajors {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The wanted majors, else the oldest that can hold the shop, and the newest. Errors: `program_missing`, `usage`. */
export function chooseVersions(found: readonly PostgresInstallation[], wanted: WantedMajors): Versions {
  if (wanted.from !== undefined && wanted.from < OLDEST_SHOP_MAJOR) throw new OperationError('usage', `the database of the demo needs PostgreSQL ${OLDEST_SHOP_MAJOR} or newer, not ${wanted.from}`);
  const majors = found.filter((one) => one.major >= OLDEST_SHOP_MAJOR && one.programs.includes('initdb') && one.programs.includes('postgres')).map((one) => one.major);
  if (majors.length === 0) pickServer(found, wanted.to ?? 18);
  const from = pickServer(found, wanted.from ?? Math.min(...majors)).installation;
  const to = pickServer(found, wanted.to ?? Math.max(...majors)).installation;
  if (from.major > to.major) throw new OperationError('usage', `cannot migrate from PostgreSQL ${from.major} down to ${to.major}`);
  return { from, to };
}
