import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { pathOf } from '../../scripts/docs/generated-page.ts';
import { preflightPage } from '../../scripts/docs/write-preflight.ts';

it('the page of preflight rules is what `node scripts/docs/write-preflight.ts` writes', () => {
  const page = preflightPage();
  expect(readFileSync(pathOf(page), 'utf8')).toBe(page.text);
});
