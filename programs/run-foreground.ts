import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { missing } from './run-program.ts';

export interface ForegroundProgram {
  readonly program: string;
  /** Everybody on the machine can read these: no secret may be among them. */
  readonly args: readonly string[];
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningProgram {
  /** Its exit code; 128 and the signal's number when a signal ended it, as shells say it. */
  readonly ended: Promise<number>;
  send(signal: NodeJS.Signals): void;
}

/** Runs a program with our stdin, stdout and stderr. It is told of SIGTERM and SIGHUP as we are. Error of `ended`: `program_missing`. */
export function runForeground({ program, args, env }: ForegroundProgram): RunningProgram {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', () => reject(missing(program)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  return { ended: ended.finally(() => signals.forEach((signal) => process.off(signal, forward))), send: forward };
}
