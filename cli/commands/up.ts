import type { Command } from 'commander';

import { stateDir } from '../../config/paths.ts';
import { exitCodeOf } from '../../domain/errors.ts';
import { oneAtATime } from '../../providers/embedded/one-at-a-time.ts';
import { type PartOutcome, startFoundations, startOurWorker } from '../embedded-parts.ts';
import { globalOptions, printResult, styled, textTable } from '../output.ts';
import { errorLines } from '../print-error.ts';

/** `pgconvoy up`: everything that is not configured elsewhere, on this machine and for it alone. */
export function register(program: Command): void {
  program
    .command('up')
    .description(
      'Starts what is not configured elsewhere, on loopback: a Temporal server, the catalog, an object store and a worker. What runs already is left alone. Waits until all of it is ready; exit status 9 when a part did not start.',
    )
    .action(up);
}

async function up(_options: object, command: Command): Promise<void> {
  const { inventory } = globalOptions(command);
  const parts = await oneAtATime(stateDir(), async () => {
    const foundations = await startFoundations(inventory);
    const needed = foundations.filter(({ part, state }) => state === 'failed' && part !== 'store');
    return [...foundations, needed.length === 0 ? await startOurWorker(inventory) : waitsFor(needed)];
  });
  const failed = parts.find(({ state }) => state === 'failed');
  printResult(command, { stateDir: stateDir(), parts }, () => upText(parts));
  if (failed?.error !== undefined) process.exitCode = exitCodeOf(failed.error.code);
}

const waitsFor = (needed: readonly PartOutcome[]): PartOutcome => ({ part: 'worker', state: 'not-started', note: `It needs the ${needed.map(({ part }) => part).join(' and the ')}, which did not start.` });

function upText(parts: readonly PartOutcome[]): string {
  const rows = parts.map(({ part, state, address }) => [part, styled(STYLES[state], state.replace('-', ' ')), address ?? '']);
  const remarks = parts.flatMap(({ part, note, error }) => [...(note === undefined ? [] : [`${part}: ${note}`]), ...(error === undefined ? [] : [`${part}:\n${errorLines(error)}`])]);
  const mine = parts.some(({ state }) => state === 'started' || state === 'running');
  const end = mine ? [`Data and logs are in ${stateDir()}. \`pgconvoy status\` shows how they are, \`pgconvoy down\` stops them and keeps the data.`] : [];
  return [textTable(['part', 'state', 'where'], rows), ...remarks, ...end].join('\n\n');
}

const STYLES = { started: 'green', running: 'green', elsewhere: 'blue', failed: 'red', 'not-started': 'yellow' } as const;
