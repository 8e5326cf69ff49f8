import { expect, it } from 'vitest';

import { textTable } from '../../cli/output.ts';

it('sets rows in columns under a head, without lines', () => {
  expect(textTable(['seq', 'action'], [['1', 'run.start'], ['12', 'ü']])).toBe('seq  action\n1    run.start\n12   ü');
});
