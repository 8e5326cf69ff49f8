import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { afterEach, expect, it, vi } from 'vitest';

import { checkInventory } from '../../config/inventory.ts';
import { resolveSecret } from '../../config/secrets.ts';
import { inventoryFile, testFolder } from './inventory-file.ts';

afterEach(() => vi.unstubAllEnvs());

const at = (reference: string) => ({ reference, path: 'servers.old.password' });

it('reads an environment variable', () => {
  vi.stubEnv('PLANTED', 'hunter2');
  expect(resolveSecret(at('env:PLANTED'), '/').reveal()).toBe('hunter2');
});

it('reads a file beside the inventory, without the newline at its end', () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'password'), ' two words \n');
  expect(resolveSecret(at('file:password'), folder).reveal()).toBe(' two words ');
});

it.each([
  ['env:NOT_THERE', 'The environment variable NOT_THERE is not set.'],
  ['env:EMPTY', 'The environment variable EMPTY is empty.'],
  ['file:/nowhere/password', 'The file /nowhere/password could not be read (ENOENT).'],
])('says that %s is missing and where it stands', (reference, detail) => {
  vi.stubEnv('EMPTY', '');
  expect(() => resolveSecret(at(reference), '/')).toThrow(
    expect.objectContaining({ code: 'secret_missing', message: `secret ${reference} of servers.old.password could not be resolved`, detail }),
  );
});

it('never prints the value', () => {
  vi.stubEnv('PLANTED', 'hunter2');
  const secret = resolveSecret(at('env:PLANTED'), '/');
  expect(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.toContain('hunter2');
});

it('warns of a file that others may read', () => {
  const inventory = inventoryFile('version: 1\nservers:\n  old: { host: a, user: u, password: file:password }');
  const file = join(inventory, '..', 'password');
  writeFileSync(file, 'hunter2');
  chmodSync(file, 0o640);
  expect(checkInventory(inventory)).toEqual([
    { severity: 'warning', path: 'servers.old.password', line: 3, column: 38, message: 'refers to file:password. The file can be read by others: run `chmod 600 password`.' },
  ]);
  chmodSync(file, 0o600);
  expect(checkInventory(inventory)).toEqual([]);
});
