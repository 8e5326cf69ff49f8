import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { writeEmbeddedFacts } from '../../config/embedded.ts';
import { temporalConnection, temporalIsConfigured } from '../../config/temporal-connection.ts';
import { testFolder } from './inventory-file.ts';

afterEach(() => vi.unstubAllEnvs());
beforeEach(() => {
  for (const name of Object.keys(process.env).filter((variable) => variable.startsWith('TEMPORAL_'))) vi.stubEnv(name, undefined);
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nonexistent.toml');
  vi.stubEnv('PGCONVOY_STATE', testFolder());
});

const EMBEDDED = { version: 1, startedAt: '2026-01-01T00:00:00Z', temporal: { address: '127.0.0.1:17233', namespace: 'ours', uiUrl: 'http://127.0.0.1:18233' } } as const;

it('takes the variables of Temporal before the embedded server', () => {
  writeEmbeddedFacts(EMBEDDED);
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.net:7233');
  expect(temporalConnection()).toMatchObject({ connectionOptions: { address: 'temporal.example.net:7233' }, namespace: 'default' });
  expect(temporalIsConfigured()).toBe(true);
});

it('takes the embedded server when nothing is configured', () => {
  writeEmbeddedFacts(EMBEDDED);
  expect(temporalConnection()).toMatchObject({ connectionOptions: { address: '127.0.0.1:17233' }, namespace: 'ours' });
  expect(temporalIsConfigured()).toBe(false);
});

it('says what is wrong with a profile', () => {
  const file = join(testFolder(), 'temporal.toml');
  writeFileSync(file, '[[');
  vi.stubEnv('TEMPORAL_CONFIG_FILE', file);
  expect(() => temporalConnection()).toThrow(expect.objectContaining({ code: 'setting_invalid', message: 'the TEMPORAL_* settings cannot be used' }));
});
