import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { waitUntil } from './ports.ts';
import { startOf } from './process-state.ts';
import { missing } from './run-program.ts';

/** A process that outlives us, by what is written in its pid file. */
interface DetachedProcess {
  readonly pid: number;
  /** See {@link startOf}: tells it from a later process of the same number. */
  readonly startedAt: string;
}

export interface DetachedCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** stdout and stderr go here. */
  readonly logFile: string;
  readonly pidFile: string;
}

const TERM_MS = 10_000;

/**
 * Starts a process that goes on when we end, and remembers it in the pid file. Returns at once: whether it is of use is for
 * the caller to find out. Error: `program_missing`.
 */
export async function startDetached(call: DetachedCall): Promise<number> {
  await mkdir(dirname(call.logFile), { recursive: true });
  await mkdir(dirname(call.pidFile), { recursive: true });
  const log = openSync(call.logFile, 'a');
  try {
    const child = spawn(call.program, call.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...call.env },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve).once('error', () => reject(missing(call.program)));
    });
    child.unref();
    const pid = child.pid as number;
    const facts: DetachedProcess = { pid, startedAt: (await startOf(pid)) ?? '' };
    await writeFile(call.pidFile, JSON.stringify(facts));
    return pid;
  } finally {
    closeSync(log);
  }
}

/** The process of a pid file, if it still is the one that was started. */
export async function detachedPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, startedAt } = JSON.parse(text) as DetachedProcess;
  return (await startOf(pid)) === startedAt ? pid : undefined;
}

/** Ends the process of a pid file: SIGTERM, after ten seconds SIGKILL. Returns whether there was one. */
export async function stopDetached(pidFile: string): Promise<boolean> {
  const pid = await detachedPid(pidFile);
  const gone = async (): Promise<boolean> => (await detachedPid(pidFile)) === undefined;
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    if (!(await waitUntil(gone, TERM_MS))) {
      process.kill(pid, 'SIGKILL');
      await waitUntil(gone, TERM_MS);
    }
  }
  await rm(pidFile, { force: true });
  return pid !== undefined;
}
