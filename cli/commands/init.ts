import { writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import type { Command } from 'commander';

import { readSampleInventory } from '../../config/sample-inventory.ts';
import { OperationError } from '../../domain/errors.ts';
import { couldNotWrite } from '../could-not-write.ts';
import { printResult } from '../output.ts';

/** `pgconvoy init`: the first file an operator edits. */
export function register(program: Command): void {
  program
    .command('init')
    .description('Writes a commented sample inventory. A file that exists is never overwritten.')
    .argument('[file]', 'where to write it', 'pgconvoy.yaml')
    .action((file: string, _options: object, command: Command) => {
      const path = resolve(file);
      const schema = join(import.meta.dirname, '..', '..', 'docs', 'pgconvoy.schema.json');
      write(path, readSampleInventory(relative(dirname(path), schema)));
      printResult(command, { path }, () => `Wrote ${path}. Edit it, then run \`pgconvoy config check\`.`);
    });
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new OperationError('usage', `file ${path} exists already`, { hint: 'Name another file: `pgconvoy init other.yaml`.' });
    throw couldNotWrite(path, error);
  }
}
