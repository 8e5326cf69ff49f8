import { expect, test } from 'vitest';

import { parseDemoOptions } from '../../../scripts/demo/options.ts';

test('without options the demo is as the help says', () => {
  expect(parseDemoOptions([])).toEqual({ story: 'migrate', page: undefined, bytes: 200 * 2 ** 20, writers: 8, rate: 400, from: undefined, to: undefined, pgbouncer: false, json: false, keep: false });
});

test('every option is taken', () => {
  const words = ['--story', 'backup', '--page', 'report.html', '--size', '2GB', '--writers', '3', '--rate', '50', '--from', '11', '--to', '18', '--pgbouncer', '--json', '--keep'];
  expect(parseDemoOptions(words)).toEqual({ story: 'backup', page: 'report.html', bytes: 2 ** 31, writers: 3, rate: 50, from: 11, to: 18, pgbouncer: true, json: true, keep: true });
});

test('help is not a run', () => {
  expect(parseDemoOptions(['--help'])).toBeUndefined();
});

test.each([['--story', 'restore'], ['--size', 'big'], ['--writers', '0'], ['--rate', '1.5'], ['--from', 'eleven'], ['--colour', 'red'], ['something', 'else']])('%s %s is a usage error', (...words) => {
  expect(() => parseDemoOptions(words)).toThrow(expect.objectContaining({ code: 'usage', hint: 'Run `npm run demo -- --help`.' }));
});
