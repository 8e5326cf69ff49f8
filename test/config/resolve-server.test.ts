import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, it, vi } from 'vitest';

import { baseDirOf } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { resolveServer } from '../../config/resolve-server.ts';
import { inventoryFile } from './inventory-file.ts';

afterEach(() => vi.unstubAllEnvs());

const TEXT = `version: 1
servers:
  shop-old:
    host: a
    user: u
    password: env:PLANTED
    tls: { mode: verify-full, ca: ca.pem, cert: client.pem, key: client.key }
  shop-new: { host: b, port: 5433, user: u }
`;

it('reads the secret and the TLS files of a server', () => {
  vi.stubEnv('PLANTED', 'hunter2');
  const path = inventoryFile(TEXT);
  for (const file of ['ca.pem', 'client.pem', 'client.key']) writeFileSync(join(path, '..', file), `text of ${file}`);
  const { password, tls, ...rest } = resolveServer(loadInventory(path), 'shop-old', baseDirOf(path));
  expect(rest).toEqual({ name: 'shop-old', host: 'a', port: 5432, user: 'u', maintenanceDatabase: 'postgres' });
  expect(password?.reveal()).toBe('hunter2');
  expect(tls).toMatchObject({ mode: 'verify-full', ca: 'text of ca.pem', cert: 'text of client.pem' });
  expect(tls.key?.reveal()).toBe('text of client.key');
});

it('says which TLS file cannot be read', () => {
  vi.stubEnv('PLANTED', 'hunter2');
  const path = inventoryFile(TEXT);
  const ca = join(path, '..', 'ca.pem');
  expect(() => resolveServer(loadInventory(path), 'shop-old', baseDirOf(path))).toThrow(
    expect.objectContaining({ code: 'inventory_invalid', message: `could not read file ${ca} of servers.shop-old.tls.ca` }),
  );
});

it('names the servers there are, and the one that was probably meant', () => {
  const path = inventoryFile(TEXT);
  expect(() => resolveServer(loadInventory(path), 'shop-odl', '/')).toThrow(
    expect.objectContaining({ code: 'name_unknown', message: 'server "shop-odl" is not in the inventory', detail: 'The inventory has the servers shop-old, shop-new.', hint: 'Did you mean shop-old?' }),
  );
});

it.each(['constructor', '__proto__', 'toString'])('does not take %s for a server', (name) => {
  expect(() => resolveServer(loadInventory(inventoryFile(TEXT)), name, '/')).toThrow(expect.objectContaining({ code: 'name_unknown' }));
});
