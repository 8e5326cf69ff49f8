/**
 * The processes of a server on this machine, from /proc: whoever is called postgres and works in the data directory. Children of a postmaster that was
 * killed are among them; each can still commit (HA4). Linux only.
 */
import { globSync } from 'node:fs';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import type { PostmasterState, ProcessFacts } from '../domain/cluster/node-facts.ts';
import { waitUntil } from './wait-until.ts';

export interface ServerProcess {
  readonly pid: number;
  /** The letter of the kernel, for example `S`, `T`, `Z`. */
  readonly state: string;
}

export interface ServerProcesses {
  /** Of `postmaster.pid`, when that process is there and is ours; dead but not reaped it has state `Z`. */
  readonly postmaster: ServerProcess | undefined;
  /** Every other process of the server, the dead and not yet reaped left out. */
  readonly others: readonly ServerProcess[];
}

/** The postmaster of a data directory. A pid file outlives a crash, and its number may belong to somebody else by then. */
export async function findPostmaster(dataDir: string): Promise<ServerProcess | undefined> {
  const pid = Number.parseInt(await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => ''), 10);
  const found = Number.isInteger(pid) && pid > 0 ? await processOf(pid) : undefined;
  if (found === undefined) return undefined;
  // The kernel has forgotten the folder of a process that is dead.
  if (found.state === 'Z') return found;
  return (await worksIn(pid, dataDir)) ? found : undefined;
}

/** Looks at every process of the machine. */
export async function findServerProcesses(dataDir: string): Promise<ServerProcesses> {
  const postmaster = await findPostmaster(dataDir);
  const all = await Promise.all(globSync('/proc/[0-9]*').map(async (path) => {
    const pid = Number(path.slice('/proc/'.length));
    const found = pid === postmaster?.pid ? undefined : await processOf(pid);
    return found !== undefined && found.state !== 'Z' && (await worksIn(pid, dataDir)) ? found : undefined;
  }));
  return { postmaster, others: all.filter((one) => one !== undefined) };
}

/** As an agent reports it. */
export const processFacts = ({ postmaster, others }: ServerProcesses): ProcessFacts => ({ postmaster: postmasterState(postmaster), children: others.length });

/** State `D`, waiting in the kernel, is what every process is in now and then: whoever sees it last takes it for frozen. */
export function postmasterState(postmaster: ServerProcess | undefined): PostmasterState {
  if (postmaster === undefined) return 'gone';
  if (postmaster.state === 'Z') return 'zombie';
  return 'Tt'.includes(postmaster.state) ? 'frozen' : 'running';
}

/**
 * Kills what a dead postmaster has left behind, and gives how many there were. Only what has a title as children have (`postgres: …`): whatever else works
 * in the folder may be a server that is just being started, and has not written its pid file yet.
 */
export async function killOrphans(dataDir: string): Promise<number> {
  const { postmaster, others } = await findServerProcesses(dataDir);
  if (postmaster !== undefined && postmaster.state !== 'Z') return 0;
  const titled = await Promise.all(others.map(async ({ pid }) => ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).startsWith('postgres: ') ? pid : undefined)));
  const orphans = titled.filter((pid) => pid !== undefined);
  orphans.forEach(killHard);
  return orphans.length;
}

/** Kills every process of a server at once, and again until none is left. Gives how many are left after `withinMs`. */
export async function killServer(dataDir: string, withinMs: number): Promise<number> {
  let left = 0;
  await waitUntil(async () => {
    const { postmaster, others } = await findServerProcesses(dataDir);
    const living = [...(postmaster === undefined || postmaster.state === 'Z' ? [] : [postmaster]), ...others];
    left = living.length;
    living.forEach(({ pid }) => killHard(pid));
    return left === 0;
  }, withinMs);
  return left;
}

async function processOf(pid: number): Promise<ServerProcess | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name stands in brackets and may hold blanks and brackets.
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  return name === 'postgres' || name === 'postmaster' ? { pid, state: stat[stat.lastIndexOf(')') + 2]! } : undefined;
}

async function worksIn(pid: number, dataDir: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDir));
  } catch {
    return false; // it has ended
  }
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
