import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { COMMANDS, type CommandRow } from './commands.ts';
import { exitStatusText } from './exit-status.ts';

/** The version of package.json. */
export function version(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const EXAMPLES = `
Examples:
  pgconvoy init                   write a sample pgconvoy.yaml
  pgconvoy config check           name every error in it, with its line
  pgconvoy audit log --limit 20   the last things that were done
`;

/** The whole command line. Of the commands, only the one that `words` call is loaded; the others stand in the list with their summaries. */
export async function buildProgram(words: readonly string[], commands: readonly CommandRow[] = COMMANDS): Promise<Command> {
  const program = new Command('pgconvoy')
    .description('Moves, saves, rewinds and fails over PostgreSQL databases as durable Temporal workflows.')
    .version(version(), '--version', 'print the version')
    .option('--inventory <file>', 'the inventory (default: $PGCONVOY_INVENTORY, else ./pgconvoy.yaml)')
    .option('--json', 'print one JSON object instead of text')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', () => `${EXAMPLES}\n${exitStatusText()}`)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ outputError: () => undefined }); // thrown as well, and printed with the other errors
  const called = calledCommand(words);
  for (const row of commands) {
    if (row.name === called) (await row.load()).register(program);
    else program.command(row.name);
    program.commands.at(-1)?.summary(row.summary);
  }
  return program;
}

/** The first word that is neither an option nor the value of one; after `help`, the word behind it. */
function calledCommand(words: readonly string[]): string | undefined {
  const operands = words.filter((word, index) => !word.startsWith('-') && words[index - 1] !== '--inventory');
  return operands[0] === 'help' ? operands[1] : operands[0];
}
