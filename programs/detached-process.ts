import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperationError } from '../domain/errors.ts';
import { startOf } from './process-state.ts';
import { missing, tailOf } from './run-program.ts';
import { waitUntil } from './wait-until.ts';

/** What a pid file holds. */
interface ProcessFacts {
  readonly pid: number;
  /** See {@link startOf}: tells it from a later process of the same number. */
  readonly startedAt: string;
}

export interface DetachedProgram {
  /** For messages: `Temporal server`. */
  readonly name: string;
  readonly program: string;
  /** Everybody on the machine can read these: no secret may be among them. */
  readonly args: readonly string[];
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** stdout and stderr are appended to it. */
  readonly logFile: string;
  /** Remembers the process, for {@link stopDetached}. */
  readonly pidFile: string;
  /** Whether it serves; asked again and again after the start. */
  readonly ready: () => Promise<boolean>;
}

const READY_MS = 60_000;
const TERM_MS = 10_000;

/**
 * Starts a program that goes on when we end, and waits until it serves (at most a minute). One that runs already by its
 * pid file is used; one that runs and does not serve, as after a start that was cut short, is started anew.
 *
 * Errors: `program_missing`; `program_failed` with the end of its log as detail, and then nothing of it is left running.
 */
export async function startDetached(call: DetachedProgram): Promise<void> {
  if (await servesAlready(call)) return;
  await spawnDetached(call);
  const ended = async (): Promise<boolean> => (await detachedPid(call.pidFile)) === undefined;
  await waitUntil(async () => (await call.ready()) || (await ended()), READY_MS);
  if (!(await ended()) && (await call.ready())) return;
  await stopDetached(call.pidFile);
  throw new OperationError('program_failed', `${call.name} did not start`, {
    detail: tailOf(await readFile(call.logFile, 'utf8')),
    hint: `Read ${call.logFile}.`,
  });
}

async function servesAlready(call: DetachedProgram): Promise<boolean> {
  if ((await detachedPid(call.pidFile)) === undefined) return false;
  if (await waitUntil(call.ready, READY_MS)) return true;
  await stopDetached(call.pidFile);
  return false;
}

async function spawnDetached(call: DetachedProgram): Promise<void> {
  await mkdir(dirname(call.logFile), { recursive: true });
  await mkdir(dirname(call.pidFile), { recursive: true });
  const log = openSync(call.logFile, 'a');
  try {
    const child = spawn(call.program, call.args, { detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...call.env } });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid as number)).once('error', () => reject(missing(call.program)));
    });
    child.unref();
    const facts: ProcessFacts = { pid, startedAt: (await startOf(pid)) ?? 'ended at once' };
    await writeFile(`${call.pidFile}.new`, JSON.stringify(facts));
    await rename(`${call.pidFile}.new`, call.pidFile);
  } finally {
    closeSync(log);
  }
}

/** The process of a pid file, if it runs and is the one that was started. */
export async function detachedPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, startedAt } = JSON.parse(text) as ProcessFacts;
  return (await startOf(pid)) === startedAt ? pid : undefined;
}

/** Ends the process of a pid file: SIGTERM, after ten seconds SIGKILL. Returns whether there was one. */
export async function stopDetached(pidFile: string): Promise<boolean> {
  const pid = await detachedPid(pidFile);
  const ended = async (): Promise<boolean> => (await detachedPid(pidFile)) === undefined;
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    if (!(await waitUntil(ended, TERM_MS))) {
      process.kill(pid, 'SIGKILL');
      await waitUntil(ended, TERM_MS);
    }
  }
  await rm(pidFile, { force: true });
  return pid !== undefined;
}
