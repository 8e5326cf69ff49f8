import { expect, it } from 'vitest';

import { didYouMean } from '../../domain/did-you-mean.ts';

it.each([
  ['pasword', 'password'],
  ['prot', 'port'],
  ['HOST', 'host'],
  ['shop-odl', 'shop-old'],
])('takes %s for %s', (typed, meant) => {
  expect(didYouMean(typed, ['host', 'port', 'user', 'password', 'shop-old', 'shop-new'])).toBe(meant);
});

it('suggests nothing for a name that is far from all', () => {
  expect(didYouMean('catalog', ['host', 'port', 'user'])).toBeUndefined();
});
