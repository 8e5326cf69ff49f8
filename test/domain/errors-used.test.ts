import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { ERRORS } from '../../domain/errors.ts';

it('has no code that nothing throws or decides by', () => {
  const root = join(import.meta.dirname, '..', '..');
  const files = globSync('{activities,agent,catalog,cli,client,config,domain,postgres,programs,providers,storage,workers,workflows}/**/*.ts', { cwd: root });
  const source = files.filter((file) => file !== 'domain/errors.ts').map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  expect(Object.keys(ERRORS).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});
