import { readdir } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { demoPlace, runDemo } from './demo-process.ts';

test('a live database moves from the oldest to the newest major without a lost write, and nothing is left behind', async () => {
  await using place = await demoPlace();
  const { exitCode, stdout, stderr } = await runDemo(place.folder, ['--size', '30MB', '--json']);
  expect(exitCode, stderr).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ equal: true, differences: [], lostWrites: 0, duplicatedWrites: 0 });
  expect(await readdir(place.folder)).toEqual([]);
});

test.each(['✓ worker', '✓ schema'])('interrupted after "%s", it says so and leaves nothing behind', async (moment) => {
  await using place = await demoPlace();
  const { exitCode, stderr } = await runDemo(place.folder, ['--size', '15MB'], moment);
  expect(stderr).toContain('interrupted');
  expect(exitCode).toBe(130);
  expect(await readdir(place.folder)).toEqual([]);
});
