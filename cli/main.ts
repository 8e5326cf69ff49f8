import { listenForInterruption } from './interruption.ts';
import { fail, run } from './run.ts';

const words = process.argv.slice(2);

listenForInterruption((error) => process.exit(fail(error, words)));

// A reader that has seen enough (`pgconvoy audit log | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70));

process.exitCode = await run(words);
