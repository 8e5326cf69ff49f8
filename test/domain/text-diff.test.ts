import { expect, it } from 'vitest';

import { lineDiff } from '../../domain/text-diff.ts';

it('R83 shows the lines that go and come, each as often as it does', () => {
  expect(lineDiff('a\nb\nb\nc\n', 'a\nb\nd\n')).toEqual(['- b', '- c', '+ d']);
  expect(lineDiff('', 'x\n')).toEqual(['+ x']);
  expect(lineDiff('x\n', 'x\n\n')).toEqual([]);
});
