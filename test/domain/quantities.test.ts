import { expect, it } from 'vitest';

import { parseDuration } from '../../domain/durations.ts';
import { parseSize } from '../../domain/sizes.ts';

it.each([['500ms', 500], ['10s', 10_000], ['1.5h', 5_400_000], ['2d', 172_800_000], ['0s', 0]])('reads the duration %s as %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '10', 's', '-1s', '1 s', '10S', '1w'])('does not take "%s" for a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

it.each([['1B', 1], ['64kB', 65_536], ['1MB', 1_048_576], ['1GB', 1_073_741_824], ['2TB', 2_199_023_255_552]])('reads the size %s as %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(['', '1', '1KB', '1.5GB', '-1MB', '1gb'])('does not take "%s" for a size', (text) => {
  expect(parseSize(text)).toBeUndefined();
});
