import type { Command } from 'commander';

import type { Finding } from '../../config/finding.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { inventoryJsonSchema } from '../../config/inventory-json-schema.ts';
import { checkInventory, findingLine, loadInventory } from '../../config/inventory.ts';
import { showConfiguration } from '../../config/show-configuration.ts';
import { shownSettings } from '../../config/settings.ts';
import { exitCodeOf } from '../../domain/errors.ts';
import { globalOptions, printResult, styled } from '../output.ts';

/** `pgconvoy config`: the inventory and the settings, checked and shown without calling any server. */
export function register(program: Command): void {
  const config = program.command('config').description('Checks and shows the inventory and the settings. Calls no server.');
  config.command('check').description('Names every error of the inventory with its line; exit status 3 when there is one.').action(check);
  config.command('show').description('Prints the inventory with its defaults filled in, and the settings; secrets stay references.').action(show);
  config
    .command('schema')
    .description('Prints the JSON Schema of the inventory, for editors.')
    .action(() => void process.stdout.write(`${JSON.stringify(inventoryJsonSchema(), null, 2)}\n`));
}

function check(_options: object, command: Command): void {
  const path = findInventory(globalOptions(command).inventory);
  const findings = checkInventory(path);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  printResult(command, { path, ok: errors === 0, findings }, () => findingLines(path, findings).join('\n'));
  if (errors > 0) process.exitCode = exitCodeOf('inventory_invalid');
}

function findingLines(path: string, findings: readonly Finding[]): string[] {
  const mark = { error: styled('red', 'error'), warning: styled('yellow', 'warning') };
  const lines = findings.map((finding) => `${mark[finding.severity]}  ${findingLine(path, finding)}`);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return [...lines, errors === 0 ? `${path} is valid.` : `${path} has ${errors} ${errors === 1 ? 'error' : 'errors'}.`];
}

function show(_options: object, command: Command): void {
  const path = findInventory(globalOptions(command).inventory);
  const inventory = loadInventory(path);
  printResult(command, { path, inventory, settings: shownSettings() }, () => showConfiguration(path, inventory));
}
