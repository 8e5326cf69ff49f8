import { afterEach, expect, it, vi } from 'vitest';

import { delayMs, PATIENCE, StallTimer } from '../../storage/patience.ts';

afterEach(() => void vi.useRealTimers());

it('B28 waits longer after each failure, never the same for two clients, and never too long', () => {
  for (const [failures, most] of [[1, 500], [2, 1_000], [3, 2_000], [6, 16_000], [7, 20_000], [40, 20_000]] as const) {
    const delays = Array.from({ length: 50 }, () => delayMs(failures, PATIENCE, undefined));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(most / 2);
    expect(Math.max(...delays)).toBeLessThanOrEqual(most);
    expect(new Set(delays).size).toBeGreaterThan(25);
  }
});

it('B28 waits as long as it is asked to, within reason', () => {
  expect(delayMs(1, PATIENCE, 7_000)).toBe(7_000);
  expect(delayMs(1, PATIENCE, 0)).toBe(0);
  expect(delayMs(1, PATIENCE, 86_400_000)).toBe(120_000);
});

it('B26 counts from the last byte, and not while it is us who are slow', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const timer = new StallTimer(200, undefined);
  for (let bytes = 0; bytes < 5; bytes += 1) {
    vi.advanceTimersByTime(199);
    timer.progress();
  }
  expect(timer.stalled).toBe(false);
  timer.rest();
  vi.advanceTimersByTime(3_600_000);
  expect(timer.stalled).toBe(false);
  timer.progress();
  vi.advanceTimersByTime(199);
  expect(timer.stalled).toBe(false);
  vi.advanceTimersByTime(1);
  expect(timer.stalled).toBe(true);
  expect(timer.signal.aborted).toBe(true);
});
