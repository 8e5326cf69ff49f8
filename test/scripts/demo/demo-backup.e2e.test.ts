import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { demoPlace, runDemo } from './demo-process.ts';

test('two nights are backed up and proven, a flipped bit is found out, and what is restored is what was', async () => {
  await using place = await demoPlace();
  const { exitCode, stdout, stderr } = await runDemo(place.folder, ['--story', 'backup', '--size', '20MB', '--json', '--page', join(place.folder, 'report.html')]);
  expect(exitCode, stderr).toBe(0);
  const report = JSON.parse(stdout) as Record<string, number>;
  expect(report).toMatchObject({ provenBackups: 1, mutatedRejected: true, restoredEqual: true, differences: [] });
  expect(report['restoreSeconds']).toBeGreaterThan(0);
  expect(report['storedBytes']).toBeGreaterThan(0);
  expect(report['storedBytes']).toBeLessThan(report['rawBytes']!);
  expect(await readFile(join(place.folder, 'report.html'), 'utf8')).toContain('shop-nightly');
  expect(await readdir(place.folder)).toEqual(['report.html']);
});

test.each(['is dumped', 'is restored and compared'])('a backup that is interrupted when its database "%s" leaves nothing behind', async (moment) => {
  await using place = await demoPlace();
  const { exitCode, stderr } = await runDemo(place.folder, ['--story', 'backup', '--size', '15MB'], moment);
  expect(stderr).toContain('interrupted');
  expect(exitCode).toBe(130);
  expect(await readdir(place.folder)).toEqual([]);
});
