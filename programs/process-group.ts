import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import { startOf } from './process-state.ts';
import { missing, tailOf } from './run-program.ts';
import { waitUntil } from './wait-until.ts';

export interface GroupOrder {
  readonly program: string;
  /** Everybody on the machine can read these: no secret may be among them. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Remembers the group, for {@link endOrphans}. */
  readonly pidFile: string;
  /** Stands among the arguments and in no other program's: what tells our processes from later ones of the same number. */
  readonly mark: string;
  /** Whether its output is read; it must be, to its end. */
  readonly output: boolean;
}

export interface GroupEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines it said on stderr. */
  readonly said: string | undefined;
}

/** A program with the processes it starts, which are stopped, continued and killed together. */
export interface ProcessGroup {
  readonly pid: number;
  readonly stdout: Readable | null;
  readonly ended: Promise<GroupEnd>;
  stop(): void;
  continue(): void;
  kill(): void;
}

interface GroupFacts {
  readonly pid: number;
  readonly mark: string;
  readonly owner: number;
  readonly ownerStartedAt: string | null;
}

/** Starts a program in a group of its own, which the kernel ends with us where `setpriv` is there. Error: `program_missing`. */
export async function startGroup(order: GroupOrder): Promise<ProcessGroup> {
  const words = [...deathSignal(), order.program, ...order.args] as [string, ...string[]];
  const child = spawn(words[0], words.slice(1), { detached: true, stdio: ['ignore', order.output ? 'pipe' : 'ignore', 'pipe'], env: { ...process.env, ...order.env } });
  const ended = endOf(child);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number)).once('error', () => reject(missing(order.program)));
  });
  await remember(order, pid).catch((error: unknown) => {
    sendToGroup(pid, 'SIGKILL'); // nobody would find it later
    throw error;
  });
  const send = (signal: NodeJS.Signals) => (): void => sendToGroup(pid, signal);
  return { pid, stdout: child.stdout, ended, stop: send('SIGSTOP'), continue: send('SIGCONT'), kill: send('SIGKILL') };
}

/** In one step, so that nobody who looks for orphans reads half of it. */
async function remember({ pidFile, mark }: GroupOrder, pid: number): Promise<void> {
  const facts: GroupFacts = { pid, mark, owner: process.pid, ownerStartedAt: (await startOf(process.pid)) ?? null };
  await writeFile(`${pidFile}.new`, JSON.stringify(facts));
  await rename(`${pidFile}.new`, pidFile);
}

/** Only the program itself dies by it, not what it has started: those are found by {@link endOrphans}. prctl(2), PR_SET_PDEATHSIG. */
function deathSignal(): string[] {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
}

const SAID_CHARACTERS = 8_000;

async function endOf(child: ChildProcess): Promise<GroupEnd> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS);
  });
  return await new Promise((resolve) => {
    child.once('error', () => resolve({ exitCode: null, signal: null, said: undefined }));
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, said: tailOf(said) }));
  });
}

function sendToGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // all of it has ended
  }
}

const ORPHANS_MS = 10_000;

/** Whether the process that started the group of a pid file still lives; where /proc is missing, it is taken to. */
export async function hasOwner(pidFile: string): Promise<boolean> {
  const facts = await factsOf(pidFile);
  return facts !== undefined && ((await startOf(facts.owner)) ?? null) === facts.ownerStartedAt;
}

/**
 * Kills what is left of the group of a pid file, whoever started it, and waits until it is gone; fine if there is none.
 * Returns how many processes there were. Needs /proc: elsewhere nothing is found.
 */
export async function endOrphans(pidFile: string): Promise<number> {
  const facts = await factsOf(pidFile);
  if (facts === undefined) return 0;
  const orphans = membersOf(facts);
  for (const pid of orphans) process.kill(pid, 'SIGKILL');
  await waitUntil(async () => (await Promise.all(orphans.map(startOf))).every((start) => start === undefined), ORPHANS_MS);
  await rm(pidFile, { force: true });
  return orphans.length;
}

async function factsOf(pidFile: string): Promise<GroupFacts | undefined> {
  try {
    return JSON.parse(await readFile(pidFile, 'utf8')) as GroupFacts;
  } catch {
    return undefined;
  }
}

/** Processes of the group that have the mark among their arguments: what they start by fork has the same arguments. */
function membersOf({ pid: group, mark }: GroupFacts): number[] {
  return globSync('/proc/[0-9]*')
    .map((path) => Number(path.slice('/proc/'.length)))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, , groupOf] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(groupOf) === group && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
      } catch {
        return false; // it has ended
      }
    });
}
