import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { postgresFolders, temporalProgram } from '../../config/program-folders.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { createMissingDatabase } from '../../postgres/databases.ts';
import { connect } from '../../postgres/connection.ts';
import { freePort } from '../../programs/ports.ts';
import { createCluster, type PostgresCluster } from '../../programs/postgres-cluster.ts';
import { startCluster } from '../../programs/postgres-control.ts';
import { findInstallations, newestServer } from '../../programs/postgres-installations.ts';
import { missing } from '../../programs/run-program.ts';
import { serverAccount } from '../../programs/server-account.ts';
import type { TemporalServerPlan } from '../../programs/temporal-server.ts';
import type { WorldNetwork } from './world-network.ts';

export interface ServicesWish {
  /** Folder of a part. The way to end it is found by `cluster.json` or `process.json` in it. */
  readonly folder: (part: string) => string;
  readonly network: WorldNetwork;
  /** Temporal serves its web page. */
  readonly ui?: boolean;
}

/** A server that a bed has started, at its place. */
export interface WorldCatalog {
  readonly server: ServerAddress;
  readonly database: string;
  /** postgres://…, as PGCONVOY_CATALOG has it. */
  readonly url: string;
  readonly cluster: PostgresCluster;
}

const DATABASE = 'pgconvoy';

/** The catalog's server. It flushes nothing: no test of a cluster asks what its disk keeps. */
export async function startWorldCatalog({ folder, network }: ServicesWish): Promise<WorldCatalog> {
  const place = folder('catalog');
  await mkdir(place, { recursive: true });
  const password = new Secret(randomBytes(12).toString('hex'));
  const account = await serverAccount();
  const port = await freePort();
  const cluster = await createCluster({
    name: 'catalog', installation: newestServer(await findInstallations(postgresFolders())).installation, dataDir: join(place, 'data'), logFile: join(place, 'server.log'),
    port, superuser: 'postgres', password, noSync: true,
    settings: { listen_addresses: [...new Set(['127.0.0.1', network.home])].join(','), max_connections: 200, shared_buffers: '32MB', fsync: false, full_page_writes: false },
    hba: network.trusted.map((net) => `host all all ${net} scram-sha-256`),
    ...(account === undefined ? {} : { account }),
  });
  await writeFile(join(place, 'cluster.json'), JSON.stringify(cluster));
  await startCluster(cluster);
  const server: ServerAddress = { name: 'catalog', host: network.home, port, user: 'postgres', password, maintenanceDatabase: 'postgres', tls: { mode: 'disable' } };
  await using session = await connect(server, { purpose: 'world' });
  await createMissingDatabase(session, DATABASE);
  return { server, database: DATABASE, url: `postgres://postgres:${password.reveal()}@${network.home}:${port}/${DATABASE}?sslmode=disable`, cluster };
}

/** What starts the Temporal server, now and again. Error: `program_missing`. */
export async function planWorldTemporal({ folder, network, ui = false }: ServicesWish): Promise<TemporalServerPlan> {
  const program = temporalProgram();
  if (program === undefined) throw missing('temporal');
  const place = folder('temporal');
  return { program, host: network.home, port: await freePort(), ...(ui ? { uiPort: await freePort() } : {}), dbFile: join(place, 'temporal.db'), logFile: join(place, 'server.log'), pidFile: join(place, 'process.json') };
}

