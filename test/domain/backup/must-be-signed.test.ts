import { expect, it } from 'vitest';

import { mustBeSigned } from '../../../domain/backup/must-be-signed.ts';

const POLICIES = { sealed: { encryption: 'key' }, open: {} };

it.each([
  ['sealed', POLICIES, true],
  ['open', POLICIES, false],
  ['renamed', POLICIES, true],
  ['constructor', POLICIES, true],
  [null, POLICIES, true],
  ['renamed', { open: {} }, false],
  [null, {}, false],
] as const)('a found manifest of policy %s has to be signed when that policy has a key, or it is none of ours and any has', (policy, policies, expected) => {
  expect(mustBeSigned(policies, policy)).toBe(expected);
});
