import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { readPort, readSetting, SETTINGS, shownSettings } from '../../config/settings.ts';

it('takes the environment before the default, and an empty variable for none', () => {
  expect(readSetting('logLevel', { PGCONVOY_LOG_LEVEL: 'debug' })).toBe('debug');
  expect(readSetting('logLevel', { PGCONVOY_LOG_LEVEL: '' })).toBe('info');
  expect(readSetting('catalog', {})).toBeUndefined();
  expect(readPort('catalogPort', { PGCONVOY_CATALOG_PORT: '6000' })).toBe(6000);
});

it.each(['0', '65536', '54x2', '-1', '5432.5'])('refuses %s as a port', (value) => {
  expect(() => readPort('catalogPort', { PGCONVOY_CATALOG_PORT: value })).toThrow(
    expect.objectContaining({ code: 'setting_invalid', message: `setting PGCONVOY_CATALOG_PORT is "${value}", not a port number` }),
  );
});

it('suggests the choice that was meant', () => {
  expect(() => readSetting('logLevel', { PGCONVOY_LOG_LEVEL: 'wran' })).toThrow(
    expect.objectContaining({ message: 'setting PGCONVOY_LOG_LEVEL is "wran", not one of trace, debug, info, warn, error, silent', hint: 'Did you mean warn?' }),
  );
});

it('shows stars for what may hold a password', () => {
  expect(shownSettings({ PGCONVOY_CATALOG: 'postgres://u:hunter2@h/d' })).toMatchObject({ PGCONVOY_CATALOG: '***', PGCONVOY_LOG_LEVEL: 'info', PGCONVOY_STATE: null });
});

it('has a default that its own rule accepts, for every setting', () => {
  for (const name of Object.keys(SETTINGS)) readSetting(name as keyof typeof SETTINGS, {});
});

it('lists every variable of ours that the source reads', () => {
  const root = join(import.meta.dirname, '..', '..');
  const files = globSync('{activities,catalog,cli,client,config,postgres,programs,providers,storage,workers}/**/*.ts', { cwd: root });
  const read = files.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/process\.env(?:\.|\[')(PGCONVOY_\w+)/g)].map(([, name]) => name));
  const listed: readonly string[] = Object.values(SETTINGS).map(({ env }) => env);
  expect(read.filter((name) => !listed.includes(name!))).toEqual([]);
});
