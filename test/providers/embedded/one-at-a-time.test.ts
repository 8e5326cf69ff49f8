import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { startOf } from '../../../programs/process-state.ts';
import { oneAtATime } from '../../../providers/embedded/one-at-a-time.ts';
import { testFolder } from '../../config/inventory-file.ts';

const lockIn = (folder: string): string => join(folder, 'up.lock');

it('lets nobody in while one is at work, and says who that is', async () => {
  const folder = join(testFolder(), 'not-there-yet');
  await oneAtATime(folder, async () => {
    await expect(oneAtATime(folder, async () => await Promise.resolve())).rejects.toMatchObject({ code: 'not_now', message: `the embedded parts are being started or stopped by process ${process.pid}` });
  });
  expect(existsSync(lockIn(folder))).toBe(false);
});

it.each([
  ['a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'x' })],
  ['another process of the same number', JSON.stringify({ pid: process.pid, startedAt: 'long ago' })],
  ['nobody who can be read', '{"pi'],
])('takes over the lock of %s', async (_who, text) => {
  const folder = testFolder();
  writeFileSync(lockIn(folder), text);
  expect(await oneAtATime(folder, async () => await startOf(process.pid))).toBeDefined();
  expect(existsSync(lockIn(folder))).toBe(false);
});

it('gives the lock back when the work fails', async () => {
  const folder = testFolder();
  await expect(oneAtATime(folder, async () => await Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(lockIn(folder))).toBe(false);
});

it('says that the folder cannot be made', async () => {
  const file = join(testFolder(), 'file');
  writeFileSync(file, '');
  await expect(oneAtATime(join(file, 'below'), async () => await Promise.resolve())).rejects.toMatchObject({ code: 'setting_invalid', hint: 'Name another one in PGCONVOY_STATE.' });
});
