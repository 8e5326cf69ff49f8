import { styleText } from 'node:util';

import Table from 'cli-table3';
import type { Command } from 'commander';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly inventory?: string;
  readonly json?: boolean;
}

export const globalOptions = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

/** Prints the result of a command: one JSON object with `--json`, else the text for people. */
export function printResult(command: Command, result: object, text: () => string): void {
  const output = globalOptions(command).json === true ? JSON.stringify(result, null, 2) : text();
  process.stdout.write(`${output}\n`);
}

type Style = Parameters<typeof styleText>[0];

/** Styled text for stdout; plain when that is no terminal, or with NO_COLOR. */
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

const NO_LINES = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  mid: '', 'mid-mid': '', 'left-mid': '', 'right-mid': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', middle: '', right: '',
};

/** Rows in columns under a head, without lines, so that they can be copied, searched and cut. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: head.map((title) => styled('bold', title)),
    chars: NO_LINES,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, '');
}
