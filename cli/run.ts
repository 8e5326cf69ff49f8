import { type Command, CommanderError } from 'commander';

import { EXIT_CODES, OperationError } from '../domain/errors.ts';
import { printError } from './print-error.ts';
import { buildProgram, version } from './program.ts';

/** Runs the command that the words call, prints what it has to say, and gives the exit code. */
export async function run(words: readonly string[]): Promise<number> {
  let program: Command | undefined;
  try {
    program = await buildProgram(words);
    await program.parseAsync([...words], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(error, words);
    if (error.exitCode === 0) return 0; // --help and --version end by being thrown
    if (error.code === 'commander.help') return EXIT_CODES.usage; // a command was left out, and the help says so
    return fail(usageError(error, program === undefined ? 'pgconvoy' : commandOf(program, words)), words);
  }
}

/** Prints why the command that the words call has failed, and gives the exit code. */
export const fail = (error: unknown, words: readonly string[]): number => printError(error, { words, version: version(), json: words.includes('--json') });

/** Commander's own text begins with `error: ` and may end with a suggestion on a second line. */
function usageError(error: CommanderError, command: string): OperationError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  return new OperationError('usage', message, { hint: suggestion?.replace(/^\((.*)\)$/, '$1') ?? `Run \`${command} --help\`.` });
}

/** The innermost command that the words name, as it is typed: `pgconvoy migrate start`. */
function commandOf(program: Command, words: readonly string[]): string {
  let command = program;
  for (const word of words) command = command.commands.find((inner) => inner.name() === word) ?? command;
  const names: string[] = [];
  for (let outer: Command | null = command; outer !== null; outer = outer.parent) names.unshift(outer.name());
  return names.join(' ');
}
