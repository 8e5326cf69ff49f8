import { readFileSync } from 'node:fs';

import type { PostmasterState } from '../../domain/cluster/node-facts.ts';
import { send } from './kill-tree.ts';
import { livingPostmaster, lookAt, readPostmasterFile, serverProcesses } from './server-processes.ts';

/** A process that waits in the kernel for so long hangs there; each does for a moment now and then. */
const HANGS_MS = 1000;

/** How the postmaster of a data directory is, look by look. */
export class PostmasterWatch {
  readonly #dataDir: string;
  #hangsSince: number | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async state(): Promise<PostmasterState> {
    const file = await readPostmasterFile(this.#dataDir);
    const found = file === undefined ? undefined : lookAt(file.pid);
    // The kernel has forgotten the folder of a process that is dead and not reaped; it is known by its number and name.
    if (found?.state === 'Z' && found.name.startsWith('postgres')) return 'zombie';
    if (found === undefined || (await livingPostmaster(this.#dataDir)) === undefined) return 'gone';
    if (found.state !== 'D') this.#hangsSince = undefined;
    else this.#hangsSince ??= performance.now();
    const hangs = this.#hangsSince !== undefined && performance.now() - this.#hangsSince >= HANGS_MS;
    return hangs || found.state === 'T' || found.state === 't' ? 'frozen' : 'running';
  }

  /** Other processes of the server, orphans included. */
  async children(): Promise<number> {
    const postmaster = await livingPostmaster(this.#dataDir);
    return serverProcesses(this.#dataDir).filter(({ pid }) => pid !== postmaster).length;
  }
}

/**
 * Kills what a dead postmaster has left behind, and gives how many there were. Only what has a title as children have (`postgres: …`): whatever else works
 * in the folder may be a server that is just being started, and has not written its pid file yet.
 */
export async function killOrphans(dataDir: string): Promise<number> {
  if ((await livingPostmaster(dataDir)) !== undefined) return 0;
  const orphans = serverProcesses(dataDir).filter(({ pid }) => isTitled(pid));
  for (const { pid } of orphans) send(pid, 'SIGKILL');
  return orphans.length;
}

function isTitled(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: ');
  } catch {
    return false; // it has ended
  }
}
