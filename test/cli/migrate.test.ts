import { expect, it } from 'vitest';

import { inventoryFile } from '../config/inventory-file.ts';
import { callCommand } from './call-command.ts';
import { runCommand } from './run-command.ts';

const INVENTORY = `version: 1
servers: {a: {host: h, user: u}, b: {host: i, user: u}}
migrations: {shop: {source: a, target: b, database: shop}}`;

it.each(['start', 'status', 'approve', 'pause', 'resume', 'abort', 'commit'])('migrate %s knows the names of the inventory before Temporal is asked', async (command) => {
  const ended = await callCommand(['migrate', command, 'shp', '--inventory', inventoryFile(INVENTORY)]);
  expect(ended).toEqual({ code: 3, stdout: '', stderr: 'ERROR:  migration "shp" is not in the inventory\nDETAIL:  The inventory has the migrations shop.\nHINT:  Did you mean shop?\n' });
});

it('an abort without a terminal has to be confirmed', async () => {
  const ended = await callCommand(['migrate', 'abort', 'shop', '--inventory', inventoryFile(INVENTORY)]);
  expect(ended).toMatchObject({ code: 2, stderr: 'ERROR:  to abort migration "shop" has to be confirmed\nHINT:  Give `--yes` when nobody can be asked.\n' });
});

it('wants the name of a migration to watch it', async () => {
  expect(await callCommand(['migrate', 'status', '--watch'])).toMatchObject({ code: 2, stderr: 'ERROR:  one migration has to be named to be watched\n' });
});

it('loads outside of the tests too, which are kinder to CommonJS than Node is', async () => {
  expect(await runCommand(['migrate', '--help'])).toMatchObject({ code: 0, stderr: '' });
});
