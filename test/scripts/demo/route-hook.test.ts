import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { readRoute, writeRoute } from '../../../scripts/demo/route.ts';

const HOOK = fileURLToPath(new URL('../../../scripts/demo/route-hook.sh', import.meta.url));
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-route-'));
  file = join(folder, 'route.json');
  await writeRoute(file, { host: 'old', port: 1, database: 'shop' });
});

afterEach(() => rm(folder, { recursive: true }));

const hook = (env: Record<string, string>): Promise<unknown> => promisify(execFile)('sh', [HOOK, file], { env: { PATH: process.env['PATH'], ...env } });

test('the hook leads the application to the target', async () => {
  await hook({ PGCONVOY_TARGET_HOST: '127.0.0.1', PGCONVOY_TARGET_PORT: '5418', PGCONVOY_TARGET_DATABASE: 'shop_new' });
  expect(await readRoute(file)).toEqual({ host: '127.0.0.1', port: 5418, database: 'shop_new' });
});

test('a hook that is not told everything changes nothing and fails', async () => {
  await expect(hook({ PGCONVOY_TARGET_HOST: '127.0.0.1' })).rejects.toMatchObject({ code: 2 });
  expect(await readRoute(file)).toEqual({ host: 'old', port: 1, database: 'shop' });
});
