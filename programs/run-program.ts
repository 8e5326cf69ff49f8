import { execa, type Options } from 'execa';
import { OperationError } from '../domain/errors.ts';
import type { Account } from './server-account.ts';

export interface Program {
  /** A path, or a name that is looked up on PATH. */
  readonly program: string;
  /** Everybody on the machine can read these: no secret may be among them. */
  readonly args?: readonly string[];
  /** Added to our own environment; the place for a password (`PGPASSWORD`). */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Text for stdin, which is empty otherwise. */
  readonly input?: string;
  /** Cancels: SIGTERM first, SIGKILL when that is not heard. */
  readonly signal?: AbortSignal;
  /** The operating system account to run as; ours, when absent. */
  readonly account?: Account;
  /** Exit codes that are an answer and not a failure. 0 always is. */
  readonly answers?: readonly number[];
}

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
}

const KILL_AFTER_MS = 10_000;
const TAIL_CHARACTERS = 4_000;
const TAIL_LINES = 20;

/**
 * Runs a program to its end and returns what it printed.
 *
 * Errors: `program_missing`, `program_failed` (detail: the last lines of stderr), `interrupted` when `signal` fired. The
 * arguments never appear in an error, the program's name does.
 */
export async function runProgram(call: Program): Promise<ProgramResult> {
  const result = await execa(call.program, call.args ?? [], optionsOf(call));
  const { exitCode } = result;
  if (result.isCanceled) throw new OperationError('interrupted', `program ${call.program} was stopped`);
  if (exitCode !== undefined && [0, ...(call.answers ?? [])].includes(exitCode)) return { exitCode, stdout: result.stdout };
  if (isMissing(result.code)) throw missing(call.program);
  throw new OperationError('program_failed', `program ${call.program} failed`, {
    detail: tailOf(result.stderr) ?? tailOf(result.stdout),
    context: { exitCode: exitCode ?? null, signal: result.signal ?? null },
  });
}

function optionsOf(call: Program) {
  return {
    reject: false,
    stripFinalNewline: true,
    // The dropped-to account may be unable to enter our folder, and initdb and pg_ctl complain about that.
    cwd: call.cwd ?? (call.account ? '/' : process.cwd()),
    forceKillAfterDelay: KILL_AFTER_MS,
    ...(call.env ? { env: { ...call.env } } : {}),
    ...(call.input === undefined ? { stdin: 'ignore' } : { input: call.input }),
    ...(call.signal ? { cancelSignal: call.signal } : {}),
    ...(call.account ? { uid: call.account.uid, gid: call.account.gid } : {}),
  } as const satisfies Options;
}

const isMissing = (code: string | undefined): boolean => code === 'ENOENT' || code === 'EACCES';

/** The error for a program that is not there. */
export const missing = (program: string): OperationError =>
  new OperationError('program_missing', `program ${program} was not found or may not be run`);

/** The last lines of an output, bounded in lines and characters; `undefined` when there are none. */
export function tailOf(output: string): string | undefined {
  const lines = output.trim().split('\n').slice(-TAIL_LINES);
  return lines.join('\n').slice(-TAIL_CHARACTERS) || undefined;
}
