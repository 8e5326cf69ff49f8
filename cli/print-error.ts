import { styleText } from 'node:util';

import { exitCodeOf, OperationError, reportOf, type ErrorReport } from '../domain/errors.ts';

export interface FailedCommand {
  /** The command as it was typed, without the program. */
  readonly words: readonly string[];
  readonly version: string;
  readonly json: boolean;
}

/** Prints an error, as an object on stdout with `--json`, else as psql's lines on stderr, and gives the exit code. */
export function printError(error: unknown, command: FailedCommand): number {
  const report = error instanceof OperationError ? reportOf(error) : unexpected(error, command);
  if (command.json) process.stdout.write(`${JSON.stringify({ error: report }, null, 2)}\n`);
  else process.stderr.write(`${errorLines(report)}\n`);
  return exitCodeOf(report.code);
}

/** ERROR, DETAIL and HINT, as users of psql know them. */
export function errorLines(report: ErrorReport): string {
  const mark = (style: 'red' | 'yellow' | 'cyan', word: string): string => styleText(style, word, { stream: process.stderr });
  return [
    `${mark('red', 'ERROR:')}  ${report.message}`,
    ...(report.detail === undefined ? [] : [`${mark('yellow', 'DETAIL:')}  ${indented(report.detail)}`]),
    ...(report.hint === undefined ? [] : [`${mark('cyan', 'HINT:')}  ${indented(report.hint)}`]),
  ].join('\n');
}

const indented = (text: string): string => text.replaceAll('\n', '\n  ');

/** A fault of ours: everything that a report of it needs. Addresses with a password in them are the one secret a foreign text may hold. */
function unexpected(error: unknown, command: FailedCommand): ErrorReport {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = [`pgconvoy ${command.version}, Node ${process.versions.node}`, `pgconvoy ${command.words.join(' ')}`, stack];
  const report = reportOf(new OperationError('bug', reportOf(error).message, { detail: lines.join('\n') }));
  return { ...report, message: withoutPasswords(report.message), detail: withoutPasswords(lines.join('\n')) };
}

const withoutPasswords = (text: string): string => text.replaceAll(/(\w+:\/\/[^\s:/@]*):[^\s@]+@/g, '$1:***@');
