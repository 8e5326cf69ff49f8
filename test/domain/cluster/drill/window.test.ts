import { expect, it } from 'vitest';

import { isInWindow } from '../../../../domain/cluster/drill/window.ts';

it('a window of the day may go over midnight', () => {
  const night = { from: '22:00', to: '04:00' };
  expect(['21:59', '22:00', '23:59', '00:00', '03:59', '04:00'].map((time) => isInWindow(night, time))).toEqual([false, true, true, true, true, false]);
  const morning = { from: '02:00', to: '04:00' };
  expect(['01:59', '02:00', '03:59', '04:00'].map((time) => isInWindow(morning, time))).toEqual([false, true, true, false]);
});
