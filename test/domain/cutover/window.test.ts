import { expect, it } from 'vitest';

import { takeOver } from '../../../domain/cutover/window.ts';

/** A journal as words: `1 fencing`. */
const journal = (...entries: string[]) => entries.map((entry) => ({ attempt: Number(entry.split(' ')[0]), step: entry.split(' ')[1] as string }));

it.each([
  ['nothing was done yet', journal(), { action: 'begin', attempt: 1 }],
  ['the fence may stand', journal('1 fencing'), { action: 'revert', attempt: 1 }],
  ['the point of no return was passed', journal('1 fencing', '1 point-of-no-return'), { action: 'roll-forward', attempt: 1 }],
  ['the route is switched', journal('1 fencing', '1 point-of-no-return', '1 switched'), { action: 'finished', attempt: 1 }],
  ['it was taken back', journal('1 fencing', '1 reverted'), { action: 'begin', attempt: 2 }],
  ['the source opened itself behind the point', journal('1 fencing', '1 point-of-no-return', '1 reverted'), { action: 'begin', attempt: 2 }],
  ['a second window is open', journal('1 fencing', '1 reverted', '2 fencing'), { action: 'revert', attempt: 2 }],
  ['a second window has passed it', journal('1 fencing', '1 reverted', '2 fencing', '2 point-of-no-return'), { action: 'roll-forward', attempt: 2 }],
  ['one that was given up wrote late', journal('1 fencing', '1 reverted', '2 fencing', '1 point-of-no-return'), { action: 'revert', attempt: 2 }],
])('when %s, whoever comes next knows what to do', (_, entries, expected) => {
  expect(takeOver(entries)).toEqual(expected);
});
