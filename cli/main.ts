import { CommanderError } from 'commander';

import { EXIT_CODES, OperationError } from '../domain/errors.ts';
import { printError } from './print-error.ts';
import { buildProgram, version } from './program.ts';

/** Runs the command that the words call and gives the exit code. */
async function run(words: readonly string[]): Promise<number> {
  const finish = (error: unknown): number => printError(error, { words, version: version(), json: words.includes('--json') });
  process.once('SIGINT', () => process.exit(finish(new OperationError('interrupted', 'interrupted'))));
  try {
    const program = await buildProgram(words);
    await program.parseAsync([...words], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CommanderError)) return finish(error);
    if (error.exitCode === 0) return 0; // --help and --version end by being thrown
    if (error.code === 'commander.help') return EXIT_CODES.usage; // a command was left out, and the help says so
    return finish(usageError(error));
  }
}

/** Commander's own text begins with `error: ` and may end with a suggestion on a second line. */
function usageError(error: CommanderError): OperationError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  return new OperationError('usage', message, { hint: suggestion?.replace(/^\((.*)\)$/, '$1') ?? 'Run `pgconvoy --help`.' });
}

// A reader that has seen enough (`pgconvoy audit log | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70));

process.exitCode = await run(process.argv.slice(2));
