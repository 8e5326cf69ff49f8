import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { loadInventory } from '../../config/inventory.ts';
import { resolveManagement } from '../../config/resolve-management.ts';
import { resolveStore } from '../../config/resolve-store.ts';
import { secretReferences } from '../../config/secret-references.ts';
import { inventoryFile } from './inventory-file.ts';

const PLACE = 'kind: azure-blob, endpoint: "https://a", container: abc, key: "file:key"';
const TEXT = `version: 1
stores:
  plain: { ${PLACE}, account: a }
  asked: { ${PLACE}, account: b, management: { subscription: 11111111-2222-3333-4444-555555555555, resourceGroup: g, token: "file:arm" } }
  own: { ${PLACE}, account: c, management: { subscription: 11111111-2222-3333-4444-555555555555, resourceGroup: g, endpoint: "https://management.example/" } }
  folder: { kind: directory, path: /x }
`;

it('resolves how to ask the management of an account, where the inventory says so', () => {
  const path = inventoryFile(TEXT);
  const [inventory, folder] = [loadInventory(path), dirname(path)];
  expect(resolveManagement(inventory, 'plain', folder)).toBeNull();
  expect(resolveManagement(inventory, 'folder', folder)).toBeNull();
  expect(resolveManagement(inventory, 'own', folder)).toEqual({ account: 'c', endpoint: 'https://management.example', subscription: '11111111-2222-3333-4444-555555555555', resourceGroup: 'g' });
  expect(() => resolveManagement(inventory, 'asked', folder)).toThrow(expect.objectContaining({ code: 'secret_missing', message: 'secret file:arm of stores.asked.management.token could not be resolved' }));
  writeFileSync(join(folder, 'arm'), 't.o.k\n', { mode: 0o600 });
  expect(resolveManagement(inventory, 'asked', folder)).toMatchObject({ account: 'b', endpoint: 'https://management.azure.com' });
  expect(resolveManagement(inventory, 'asked', folder)?.token?.reveal()).toBe('t.o.k');
});

it('whoever writes to the store needs no token for its management', () => {
  const path = inventoryFile(TEXT);
  writeFileSync(join(dirname(path), 'key'), 'c2VjcmV0', { mode: 0o600 });
  const store = resolveStore(loadInventory(path), 'asked', dirname(path));
  expect(store).toMatchObject({ kind: 'azure-blob', account: 'b' });
  expect(store).not.toHaveProperty('management');
});

it('lists the token among the secrets that `config check` looks for', () => {
  expect(secretReferences(loadInventory(inventoryFile(TEXT)))).toContainEqual({ path: ['stores', 'asked', 'management', 'token'], reference: 'file:arm' });
});
