import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { catalogAddress } from '../../config/catalog-address.ts';
import { writeEmbeddedFacts } from '../../config/embedded.ts';
import { inventoryFile, testFolder } from './inventory-file.ts';

afterEach(() => vi.unstubAllEnvs());
beforeEach(() => {
  vi.stubEnv('PGCONVOY_CATALOG', undefined);
  vi.stubEnv('PGCONVOY_STATE', undefined);
});

it('reads a URL from the setting, or from the secret it refers to', () => {
  const url = 'postgres://me:p%40ss@[::1]:6000/notes?sslmode=require';
  for (const setting of [url, 'env:CATALOG_URL']) {
    vi.stubEnv('PGCONVOY_CATALOG', setting);
    vi.stubEnv('CATALOG_URL', url);
    const { address, database } = catalogAddress();
    expect({ ...address, password: address.password?.reveal() }).toEqual({
      name: 'catalog', host: '::1', port: 6000, user: 'me', password: 'p@ss', maintenanceDatabase: 'postgres', tls: { mode: 'require' },
    });
    expect(database).toBe('notes');
  }
});

it('takes a server of the inventory, with the database behind a slash', () => {
  const inventory = inventoryFile('version: 1\nservers:\n  memory: { host: m, user: u }');
  vi.stubEnv('PGCONVOY_CATALOG', 'memory/notes');
  expect(catalogAddress(inventory)).toMatchObject({ address: { name: 'memory', host: 'm' }, database: 'notes' });
  vi.stubEnv('PGCONVOY_CATALOG', 'memory');
  expect(catalogAddress(inventory).database).toBe('pgconvoy');
});

it('falls back to the catalog that `pgconvoy up` started', () => {
  const folder = testFolder();
  vi.stubEnv('PGCONVOY_STATE', folder);
  expect(() => catalogAddress()).toThrow(expect.objectContaining({ code: 'catalog_unreachable', message: 'there is no catalog yet' }));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'hunter2\n');
  writeEmbeddedFacts({ version: 1, startedAt: '2026-01-01T00:00:00Z', catalog: { host: '127.0.0.1', port: 5460, user: 'pgconvoy', database: 'pgconvoy', passwordFile } });
  expect(catalogAddress().address.password?.reveal()).toBe('hunter2');
});

it.each([
  ['postgres://me:hunter2@h/d?sslmode=maybe', 'setting PGCONVOY_CATALOG has an sslmode that is not one of disable, prefer, require, verify-ca, verify-full'],
  ['env:CATALOG_URL', 'setting PGCONVOY_CATALOG is not a postgres:// URL'],
])('refuses %s without showing what is in it', (setting, message) => {
  vi.stubEnv('CATALOG_URL', 'mysql://me:hunter2@h/d');
  vi.stubEnv('PGCONVOY_CATALOG', setting);
  expect(() => catalogAddress()).toThrow(expect.objectContaining({ code: 'setting_invalid', message }));
});
