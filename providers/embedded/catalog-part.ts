import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Secret } from '../../domain/secret.ts';
import { createMissingDatabase } from '../../postgres/databases.ts';
import { connect } from '../../postgres/connection.ts';
import { isListening } from '../../programs/ports.ts';
import { type ClusterPlan, movePort, type PostgresCluster } from '../../programs/postgres-cluster.ts';
import { isRunning, startCluster, stopCluster } from '../../programs/postgres-control.ts';
import { newestServer, pickServer, type PostgresInstallation } from '../../programs/postgres-installations.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { createUndisturbed } from './create-undisturbed.ts';
import { logFileOf, makePartFolder, partFolder, type PartReport, readFacts, type StartedPart, writeFacts } from './part-folder.ts';

export interface CatalogWish {
  readonly stateDir: string;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Of which the newest is taken for a new cluster; one that exists keeps its major. */
  readonly installations: readonly PostgresInstallation[];
}

export interface CatalogFacts {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly passwordFile: string;
  readonly version: string;
}

const HOST = '127.0.0.1';
const USER = 'pgconvoy';
const DATABASE = 'pgconvoy';
const CLUSTER_FILE = 'cluster.json';

/** Starts the catalog's cluster, creating what is missing; one that runs is used. Errors: `program_missing`, `port_in_use`, `program_failed`, `target_not_empty`. */
export async function startCatalogPart(wish: CatalogWish): Promise<StartedPart<CatalogFacts>> {
  const folder = await makePartFolder(wish.stateDir, 'catalog');
  const passwordFile = join(folder, 'password');
  const known = readFacts<PostgresCluster>(folder, CLUSTER_FILE);
  const running = known !== undefined && (await isRunning(known));
  const cluster = running ? known : await ((await majorOf(known)) === undefined ? create(folder, wish) : takeUp(known!, wish));
  await writeFacts(folder, cluster, CLUSTER_FILE);
  await startCluster(cluster);
  await ensureDatabase(cluster, passwordFile);
  const facts = { host: HOST, port: cluster.port, user: USER, database: DATABASE, passwordFile, version: cluster.installation.version };
  return { facts, startedNow: !running };
}

async function create(folder: string, { port, installations }: CatalogWish): Promise<PostgresCluster> {
  const password = randomBytes(18).toString('hex');
  const account = await serverAccount();
  await rm(join(folder, CLUSTER_FILE), { force: true });
  await writeFile(join(folder, 'password'), password, { mode: 0o600 });
  const plan: ClusterPlan = {
    name: 'catalog',
    installation: newestServer(installations).installation,
    dataDir: join(folder, 'data'),
    logFile: logFileOf(folder),
    port,
    superuser: USER,
    password: new Secret(password),
    settings: { shared_buffers: '32MB', max_connections: 50 },
    ...(account === undefined ? {} : { account }),
  };
  return await createUndisturbed(plan, (cluster) => writeFacts(folder, cluster, CLUSTER_FILE));
}

/** A cluster that exists, with the programs of today: a minor release since then lives in another folder. */
async function takeUp(known: PostgresCluster, { port, installations }: CatalogWish): Promise<PostgresCluster> {
  const { installation } = pickServer(installations, (await majorOf(known))!);
  return await movePort({ ...known, installation }, port);
}

/** As the data folder says; undefined when there is none. */
async function majorOf(cluster: PostgresCluster | undefined): Promise<number | undefined> {
  if (cluster === undefined || !existsSync(join(cluster.dataDir, 'PG_VERSION'))) return undefined;
  return Number.parseInt(await readFile(join(cluster.dataDir, 'PG_VERSION'), 'utf8'), 10);
}

async function ensureDatabase(cluster: PostgresCluster, passwordFile: string): Promise<void> {
  const password = new Secret(await readFile(passwordFile, 'utf8'));
  const server = { name: 'catalog', host: HOST, port: cluster.port, user: USER, password, maintenanceDatabase: 'postgres', tls: { mode: 'disable' } } as const;
  await using session = await connect(server, { purpose: 'up' });
  await createMissingDatabase(session, DATABASE);
}

export async function reportCatalogPart(stateDir: string): Promise<PartReport> {
  const folder = partFolder(stateDir, 'catalog');
  const cluster = readFacts<PostgresCluster>(folder, CLUSTER_FILE);
  const pidFile = cluster === undefined ? '' : join(cluster.dataDir, 'postmaster.pid');
  if (cluster === undefined || !existsSync(cluster.dataDir) || !(await isRunning(cluster))) return { part: 'catalog', state: 'stopped' };
  // Lines of postmaster.pid: number of the process, data folder, second of the start, port.
  const [pid, , since] = (await readFile(pidFile, 'utf8')).split('\n').map(Number);
  const startedAt = since === undefined || Number.isNaN(since) ? (await stat(pidFile)).mtimeMs : since * 1000;
  return {
    part: 'catalog',
    state: (await isListening(cluster.port)) ? 'running' : 'not-answering',
    address: `${HOST}:${cluster.port}/${DATABASE}`,
    pid: pid!,
    since: new Date(startedAt).toISOString(),
    version: cluster.installation.version,
    log: cluster.logFile,
  };
}

/** Returns whether it ran. */
export async function stopCatalogPart(stateDir: string): Promise<boolean> {
  const cluster = readFacts<PostgresCluster>(partFolder(stateDir, 'catalog'), CLUSTER_FILE);
  if (cluster === undefined || !existsSync(cluster.dataDir) || !(await isRunning(cluster))) return false;
  await stopCluster(cluster);
  return true;
}
