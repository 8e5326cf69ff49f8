import { writeFileSync } from 'node:fs';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { embeddedFactsPath, readEmbeddedFacts, removeEmbeddedFacts, writeEmbeddedFacts } from '../../config/embedded.ts';
import { testFolder } from './inventory-file.ts';

afterEach(() => vi.unstubAllEnvs());
beforeEach(() => {
  vi.stubEnv('PGCONVOY_STATE', testFolder());
});

it('reads what was written, and nothing after it was removed', () => {
  const facts = { version: 1, startedAt: '2026-01-01T00:00:00Z', store: { endpoint: 'http://127.0.0.1:10000/a', account: 'a', keyFile: '/k' } } as const;
  writeEmbeddedFacts(facts);
  expect(readEmbeddedFacts()).toEqual(facts);
  removeEmbeddedFacts();
  removeEmbeddedFacts();
  expect(readEmbeddedFacts()).toBeUndefined();
});

it.each(['{', '{"version": 2}'])('refuses a file that holds %s', (text) => {
  writeFileSync(embeddedFactsPath(), text);
  expect(() => readEmbeddedFacts()).toThrow(expect.objectContaining({ code: 'setting_invalid', hint: 'Run `pgconvoy down`, then `pgconvoy up`.' }));
});
