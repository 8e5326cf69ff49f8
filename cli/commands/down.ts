import { rm } from 'node:fs/promises';

import type { Command } from 'commander';

import { removeEmbeddedFacts } from '../../config/embedded.ts';
import { stateDir } from '../../config/paths.ts';
import { stopCatalogPart } from '../../providers/embedded/catalog-part.ts';
import { oneAtATime } from '../../providers/embedded/one-at-a-time.ts';
import { PART_NAMES, partFolder, type PartName } from '../../providers/embedded/part-folder.ts';
import { stopStorePart } from '../../providers/embedded/store-part.ts';
import { stopTemporalPart } from '../../providers/embedded/temporal-part.ts';
import { stopWorkerPart } from '../../providers/embedded/worker-part.ts';
import { confirm } from '../confirm.ts';
import { printResult } from '../output.ts';

/** `pgconvoy down`: the other half of `up`. */
export function register(program: Command): void {
  program
    .command('down')
    .description('Stops what `pgconvoy up` has started. The data stays, and runs under way go on after the next `up`.')
    .option('--erase', 'remove the data too: the history of all runs, the catalog with the audit, the embedded store')
    .option('--yes', 'do not ask before erasing')
    .action(down);
}

/** The worker first: it would complain about all the others. */
const STOPS: readonly [PartName, (stateDir: string) => Promise<boolean>][] = [
  ['worker', stopWorkerPart],
  ['temporal', stopTemporalPart],
  ['store', stopStorePart],
  ['catalog', stopCatalogPart],
];

async function down(options: { erase?: boolean; yes?: boolean }, command: Command): Promise<void> {
  const folder = stateDir();
  if (options.erase === true) {
    const text = `This removes the catalog with the audit, Temporal's history and the embedded store in ${folder}. Go on?`;
    await confirm({ text, yes: options.yes === true, act: 'erase the embedded data' });
  }
  const stopped: PartName[] = [];
  await oneAtATime(folder, async () => {
    for (const [part, stop] of STOPS) if (await stop(folder)) stopped.push(part);
    // Facts of servers that are down would only lead clients to closed ports.
    removeEmbeddedFacts();
    if (options.erase === true) for (const part of PART_NAMES) await rm(partFolder(folder, part), { recursive: true, force: true });
  });
  const erased = options.erase === true;
  printResult(command, { stopped, erased, stateDir: folder }, () => downText(stopped, erased, folder));
}

function downText(stopped: readonly PartName[], erased: boolean, folder: string): string {
  const what = stopped.length === 0 ? 'Nothing was running.' : `Stopped: ${stopped.join(', ')}.`;
  return `${what} ${erased ? `The data in ${folder} is removed.` : `The data stays in ${folder}; \`pgconvoy up\` takes it up again.`}`;
}
