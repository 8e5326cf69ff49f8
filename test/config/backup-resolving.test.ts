import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { loadInventory } from '../../config/inventory.ts';
import { resolveKey, resolveKeys } from '../../config/resolve-key.ts';
import { resolveStaging } from '../../config/resolve-staging.ts';
import { inventoryFile } from './inventory-file.ts';

const TEXT = `version: 1
servers: { s: { host: a, user: u } }
keys: { here: "file:here.key", elsewhere: "file:elsewhere.key" }
backups:
  plain: { server: s, databases: all }
  own: { server: s, databases: all, staging: { folder: stage, limit: 64MB } }
`;

it('reads a key when it is wanted, and names one that is not there', () => {
  const path = inventoryFile(TEXT);
  const [inventory, folder] = [loadInventory(path), dirname(path)];
  writeFileSync(join(folder, 'here.key'), 'c2VjcmV0\n', { mode: 0o600 });
  expect(resolveKey(inventory, 'here', folder).reveal()).toBe('c2VjcmV0');
  expect(() => resolveKey(inventory, 'elsewhere', folder)).toThrow(expect.objectContaining({ code: 'secret_missing', message: 'secret file:elsewhere.key of keys.elsewhere could not be resolved' }));
  expect(() => resolveKey(inventory, 'her', folder)).toThrow(expect.objectContaining({ code: 'name_unknown', hint: 'Did you mean here?' }));
});

it('gives all keys that this machine has, so that old backups can be read', () => {
  const path = inventoryFile(TEXT);
  writeFileSync(join(dirname(path), 'here.key'), 'c2VjcmV0', { mode: 0o600 });
  expect(resolveKeys(loadInventory(path), dirname(path)).map((key) => key.reveal())).toEqual(['c2VjcmV0']);
});

it('stages where the policy says, within its limit', () => {
  const path = inventoryFile(TEXT);
  const inventory = loadInventory(path);
  expect(resolveStaging(inventory, 'plain', dirname(path))).toEqual({ folder: join(tmpdir(), 'pgconvoy'), limitBytes: 2 * 2 ** 30 });
  expect(resolveStaging(inventory, 'own', dirname(path))).toEqual({ folder: join(dirname(path), 'stage'), limitBytes: 64 * 2 ** 20 });
});
