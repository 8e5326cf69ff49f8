import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { OperationError } from '../../domain/errors.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { missing, tailOf } from '../run-program.ts';
import { killTree } from './kill-tree.ts';
import { livingFile, livingPostmaster, postmasterState, readPostmasterFile, serverProcesses } from './server-processes.ts';

export interface StartWish {
  /** Crash recovery included. */
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

const LOOK_EVERY_MS = 5;
const ORPHANS_MS = 10_000;

/**
 * Starts a server in a session of its own, so that it outlives us, and waits until it takes connections: read-only ones on a standby. One that runs is
 * waited for. Orphans of a dead one are killed first: a server does not start beside them. Its output goes to its log.
 *
 * Throws `program_missing`; `node_failed` with the end of its log.
 */
export async function startServer(cluster: PostgresCluster, wish: StartWish): Promise<void> {
  const running = await livingPostmaster(cluster.dataDir);
  if (running === undefined && (await killTree(cluster.dataDir, ORPHANS_MS)) > 0) throw failed(cluster, `Processes of it cannot be killed: ${serverProcesses(cluster.dataDir).map(({ pid }) => pid).join(', ')}.`);
  if (running === undefined) await forgetZombie(cluster);
  const from = running === undefined ? await sizeOf(cluster.logFile) : 0;
  const child = running === undefined ? await spawnServer(cluster) : undefined;
  const deadline = performance.now() + wish.withinMs;
  for (;;) {
    if (await isReady(cluster)) return;
    if (child?.exitCode != null || child?.signalCode != null || (child === undefined && (await livingPostmaster(cluster.dataDir)) === undefined)) throw failed(cluster, await logSince(cluster, from));
    if (performance.now() >= deadline) throw failed(cluster, `It does not take connections after ${wish.withinMs / 1000} s.\n${(await logSince(cluster, from)) ?? ''}`);
    wish.signal?.throwIfAborted();
    await sleep(LOOK_EVERY_MS);
  }
}

/** A postmaster that is dead and not yet reaped keeps the next one from starting by its number (HA4). Nothing else of it is left, so its file goes. */
async function forgetZombie({ dataDir }: PostgresCluster): Promise<void> {
  const known = await readPostmasterFile(dataDir);
  if (known !== undefined && postmasterState(known.pid) === 'zombie') await rm(join(dataDir, 'postmaster.pid'), { force: true });
}

const isReady = async ({ dataDir }: PostgresCluster): Promise<boolean> => (await livingFile(dataDir))?.status === 'ready';

async function spawnServer(cluster: PostgresCluster): Promise<ChildProcess> {
  const { installation, dataDir, logFile, account } = cluster;
  await mkdir(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  try {
    if (account) await chown(logFile, account.uid, account.gid);
    const child = spawn(programPath(installation, 'postgres'), ['-D', dataDir], { cwd: '/', detached: true, stdio: ['ignore', log, log], env: environment(cluster), ...(account ? { uid: account.uid, gid: account.gid } : {}) });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', () => reject(missing('postgres'))));
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Nothing of ours but this: our own environment may hold secrets, and a server hands its on to every command it runs. */
const environment = ({ dataDir, account }: PostgresCluster): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_MESSAGES: 'C',
  // A server looks for client certificates at home, as a receiver does, and root's home is closed to it.
  HOME: account ? dataDir : (process.env['HOME'] ?? dataDir),
});

const failed = ({ name, logFile }: PostgresCluster, detail: string | undefined): OperationError => new OperationError('node_failed', `server of node ${name} did not start`, { detail, hint: `Read ${logFile}.` });

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** The last lines of the server's log. */
export const tailOfLog = (cluster: PostgresCluster): Promise<string | undefined> => logSince(cluster, 0);

async function logSince({ logFile }: PostgresCluster, from: number): Promise<string | undefined> {
  const text = await readFile(logFile).catch(() => Buffer.alloc(0));
  return tailOf(text.subarray(from).toString('utf8'));
}
