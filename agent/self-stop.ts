import { setTimeout as sleep } from 'node:timers/promises';

import type { PostgresCluster } from '../programs/postgres-cluster.ts';
import { findPostmaster, killServer } from '../programs/server-processes.ts';
import { setTombstone } from '../programs/tombstone.ts';
import type { AgentJournal } from './agent-journal.ts';

export interface SelfStop {
  readonly server: PostgresCluster;
  readonly journal: AgentJournal;
  /** So long a fast stop may take; then every process is killed. */
  readonly stopMs: number;
}

const LOOK_EVERY_MS = 10;
const KILL_MS = 10_000;

/**
 * Stops the own primary, fast and never smart (HA6), and keeps it from coming back as one. The signal goes out first: the lease does not wait for a disk.
 * Gives how many processes are left, which is none unless the kernel keeps one.
 */
export async function stopOurselves({ server, journal, stopMs }: SelfStop): Promise<number> {
  const deadline = performance.now() + stopMs;
  const postmaster = await findPostmaster(server.dataDir);
  if (postmaster !== undefined && postmaster.state !== 'Z') send(postmaster.pid, 'SIGINT');
  const kept = Promise.all([journal.keep({ selfFencedAt: new Date().toISOString() }), setTombstone({ ...server, major: server.installation.major })]);
  while (performance.now() < deadline && (await runs(server.dataDir))) await sleep(LOOK_EVERY_MS);
  const left = await killServer(server.dataDir, KILL_MS);
  await kept;
  return left;
}

async function runs(dataDir: string): Promise<boolean> {
  const postmaster = await findPostmaster(dataDir);
  return postmaster !== undefined && postmaster.state !== 'Z';
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
