import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import type { PostmasterState } from '../../domain/cluster/node-facts.ts';

/** A process of a server, dead ones that nobody has reaped left out. */
export interface ServerProcess {
  readonly pid: number;
  readonly parent: number;
  /** `R`, `S`, `T`, `D`, … of proc(5). */
  readonly state: string;
}

/**
 * Every living server process of a data directory, orphans of a dead postmaster included: each of them may still commit (HA4). A server process works
 * in its data directory and is called postgres; a shell that stands in the folder is not one. Linux only.
 */
export function serverProcesses(dataDir: string): ServerProcess[] {
  const folder = realPath(dataDir);
  if (folder === undefined) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && cwdOf(name) === folder)
    .map((name) => lookAt(Number(name)))
    .filter((found) => found !== undefined && found.state !== 'Z' && found.state !== 'X' && /^postgres|^postmaster/.test(found.name))
    .map((found) => ({ pid: found!.pid, parent: found!.parent, state: found!.state }));
}

function realPath(dataDir: string): string | undefined {
  try {
    return realpathSync(dataDir);
  } catch {
    return undefined;
  }
}

/** A folder that was removed or renamed under a process is shown with a note behind its name. */
function cwdOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // it has ended, or is not ours to look at
  }
}

interface Look extends ServerProcess {
  readonly name: string;
}

/** Undefined: there is none of this number. */
export function lookAt(pid: number): Look | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in brackets and may hold blanks and brackets.
    const end = stat.lastIndexOf(')');
    const [state = 'X', parent] = stat.slice(end + 2).split(' ');
    return { pid, state, parent: Number(parent), name: stat.slice(stat.indexOf('(') + 1, end) };
  } catch {
    return undefined;
  }
}

export interface PostmasterFile {
  readonly pid: number;
  /** `starting`, `standby`, `ready`, `stopping`; empty before the server has said. */
  readonly status: string;
}

const LINE_OF_STATUS = 7;

/**
 * postmaster.pid; undefined when there is none or it is half written. It outlives a crash, and its number may be another's by then. An agent looks twenty
 * times a second: reads through the thread pool took a third of its processor time.
 */
export async function readPostmasterFile(dataDir: string): Promise<PostmasterFile | undefined> {
  const lines = textOf(join(dataDir, 'postmaster.pid')).split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return Number.isInteger(pid) && pid > 0 ? { pid, status: (lines[LINE_OF_STATUS] ?? '').trim() } : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The postmaster of a data directory; undefined when it does not live. */
export const livingPostmaster = async (dataDir: string): Promise<number | undefined> => (await livingFile(dataDir))?.pid;

/** postmaster.pid when its process lives: what a dead one wrote about itself is never read beside a new one. */
export async function livingFile(dataDir: string): Promise<PostmasterFile | undefined> {
  const file = await readPostmasterFile(dataDir);
  if (file === undefined || cwdOf(String(file.pid)) !== realPath(dataDir)) return undefined;
  const found = lookAt(file.pid);
  return found === undefined || found.state === 'Z' || found.state === 'X' ? undefined : file;
}

/** By its number: `zombie` is dead and not reaped, `frozen` is stopped by a signal. */
export function postmasterState(pid: number): PostmasterState {
  const found = lookAt(pid);
  if (found === undefined || found.state === 'X') return 'gone';
  if (found.state === 'Z') return 'zombie';
  return found.state === 'T' || found.state === 't' ? 'frozen' : 'running';
}
