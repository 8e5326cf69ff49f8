import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { freePort } from '../../programs/ports.ts';
import { createCluster, type PostgresCluster, type SettingValue } from '../../programs/postgres-cluster.ts';
import { startCluster } from '../../programs/postgres-control.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import { startOf } from '../../programs/process-state.ts';
import { runProgram } from '../../programs/run-program.ts';
import { type Account, serverAccount } from '../../programs/server-account.ts';
import { CLUSTER_FILE, endScratchCluster, OWNER_FILE, SCRATCH_PREFIX } from './sweep.ts';

export interface ScratchWish {
  /** Where its folder is made. The account that the server runs as has to be able to enter it. */
  readonly folder: string;
  readonly installation: PostgresInstallation;
  /** For messages. */
  readonly name: string;
  readonly settings?: Readonly<Record<string, SettingValue>>;
}

/** A server that lives as long as one piece of work. `await using` stops it and removes all of it. */
export interface ScratchCluster extends AsyncDisposable {
  readonly server: ServerAddress;
  readonly cluster: PostgresCluster;
  /** Its own, below the folder of the wish. */
  readonly folder: string;
}

/** Nothing in it has to outlive a power cut, and nobody else uses it. */
const SETTINGS = {
  fsync: false,
  full_page_writes: false,
  synchronous_commit: false,
  wal_level: 'minimal', // rows that go into a table of the same transaction are then not logged at all
  max_wal_senders: 0,
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  autovacuum: false,
  shared_buffers: '256MB',
  maintenance_work_mem: '256MB',
  max_locks_per_transaction: 1024,
  max_connections: 50,
} as const;

/**
 * Makes a throwaway server on a free port of loopback, with a password of its own. Ends with the work; when the process is
 * killed, {@link sweepScratchClusters} finds it by its prefix. Errors: `program_failed`, `program_missing`, `port_in_use`.
 */
export async function openScratchCluster({ folder: parent, installation, name, settings }: ScratchWish): Promise<ScratchCluster> {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, SCRATCH_PREFIX));
  await chmod(folder, 0o755); // the server's account has to get in
  await writeFile(join(folder, OWNER_FILE), JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) }));
  const password = new Secret(randomBytes(18).toString('hex'));
  const account = await serverAccount();
  await assertReachable(folder, account);
  const plan = { name, installation, dataDir: join(folder, 'data'), logFile: join(folder, 'server.log'), port: await freePort(), superuser: 'postgres', password, settings: { ...SETTINGS, ...settings }, noSync: true, ...(account === undefined ? {} : { account }) };
  try {
    const cluster = await createCluster(plan);
    await writeFile(join(folder, CLUSTER_FILE), JSON.stringify(cluster));
    await startCluster(cluster);
    const server = { name, host: '127.0.0.1', port: plan.port, user: plan.superuser, password, maintenanceDatabase: 'postgres', tls: { mode: 'disable' } } as const;
    return { server, cluster, folder, [Symbol.asyncDispose]: () => endScratchCluster(folder) };
  } catch (error) {
    await endScratchCluster(folder).catch(() => rm(folder, { recursive: true, force: true }));
    throw error;
  }
}

/** initdb would say only that permission was denied, and not where. */
async function assertReachable(folder: string, account: Account | undefined): Promise<void> {
  if (account === undefined || (await runProgram({ program: 'test', args: ['-x', folder], account, answers: [1] })).exitCode === 0) return;
  await rm(folder, { recursive: true, force: true });
  throw new OperationError('setting_invalid', `account ${account.name}, which throwaway servers run as, may not enter folder ${folder}`, { hint: 'Open the folders above it to that account (`chmod o+x`), or name another folder under `staging` of the policy.' });
}
