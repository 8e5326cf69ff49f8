import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import { detachedPid, startDetached, stopDetached } from '../../programs/detached-process.ts';
import { logFileOf, makePartFolder, partFolder, type PartReport, pidFileOf, processOf, readFacts, type StartedPart, writeFacts } from './part-folder.ts';

export interface WorkerWish {
  readonly stateDir: string;
  /** Absolute. */
  readonly inventory: string;
  /** The addresses it works with: one that was started with others is started anew. */
  readonly temporal: string;
  readonly catalog: string;
  readonly version: string;
  /** Whether the process of this number takes work from Temporal. */
  readonly takesWork: (pid: number) => Promise<boolean>;
}

export type WorkerFacts = Pick<WorkerWish, 'inventory' | 'temporal' | 'catalog' | 'version'>;

/**
 * How a worker is started. Rows pass through it in buffers that live for a moment: with a small young generation and few
 * allocator arenas they are given back soon, and a worker stays a fifth smaller. Every 64 MB of them make V8 mark the whole
 * heap: step by step that took more of a core than passing the rows on; in one go it is half, and is due less often. Backups
 * are compressed in Node's thread pool, whose size has to be known before its first use: a thread for each core. Buffers of
 * megabytes are mapped by themselves, so that those that are given back leave the process; among small ones they leave holes.
 */
export const WORKER_PROGRAM = {
  program: process.execPath,
  args: ['--max-semi-space-size=4', '--no-incremental-marking', fileURLToPath(new URL('../../workers/main.ts', import.meta.url))],
  env: {
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: String(256 * 1024),
    MALLOC_TRIM_THRESHOLD_: String(4 * 1024 * 1024),
    UV_THREADPOOL_SIZE: process.env['UV_THREADPOOL_SIZE'] ?? String(Math.max(4, availableParallelism())),
  },
} as const;

/** Starts a worker of all roles, and waits until it takes work. Errors: `program_failed` with the end of its log. */
export async function startWorkerPart({ stateDir, takesWork, ...wanted }: WorkerWish): Promise<StartedPart<WorkerFacts>> {
  const folder = await makePartFolder(stateDir, 'worker');
  const pidFile = pidFileOf(folder);
  let known = (await processOf(folder)) === undefined ? undefined : readFacts<WorkerFacts>(folder);
  if (known !== undefined && !isOfUse(known, wanted)) {
    await stopDetached(pidFile);
    known = undefined;
  }
  const facts = known ?? wanted;
  await writeFacts(folder, facts);
  await startDetached({
    name: 'worker',
    ...WORKER_PROGRAM,
    args: [...WORKER_PROGRAM.args, `--inventory=${facts.inventory}`],
    logFile: logFileOf(folder),
    pidFile,
    ready: async () => {
      const pid = await detachedPid(pidFile);
      return pid !== undefined && (await takesWork(pid));
    },
  });
  return { facts, startedNow: known === undefined };
}

/** One with another inventory is somebody's choice and stays; one that dials a part where it no longer is is of no use. */
const isOfUse = (known: WorkerFacts, wanted: WorkerFacts): boolean => known.temporal === wanted.temporal && known.catalog === wanted.catalog;

export async function reportWorkerPart(stateDir: string, takesWork: (pid: number) => Promise<boolean>): Promise<PartReport> {
  const folder = partFolder(stateDir, 'worker');
  const [facts, process] = [readFacts<WorkerFacts>(folder), await processOf(folder)];
  if (facts === undefined || process === undefined) return { part: 'worker', state: 'stopped' };
  const state = (await takesWork(process.pid)) ? 'running' : 'not-answering';
  return { part: 'worker', state, ...process, version: facts.version, log: logFileOf(folder), address: `inventory ${facts.inventory}` };
}

/** Lets the steps at work reach a resting place. Returns whether it ran. */
export const stopWorkerPart = (stateDir: string): Promise<boolean> => stopDetached(pidFileOf(partFolder(stateDir, 'worker')));
