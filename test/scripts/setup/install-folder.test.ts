import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installFolder } from '../../../scripts/setup/install-folder.ts';

let tools: string;

beforeEach(async () => {
  tools = await mkdtemp(join(tmpdir(), 'tools-'));
  vi.stubEnv('PGCONVOY_TOOLS', tools);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(tools, { recursive: true });
});

it('a tool is built once, however many ask for it at the same time', async () => {
  const build = vi.fn<(side: string) => Promise<void>>(async (side) => {
    await sleep(50);
    await writeFile(join(side, 'program'), 'whole');
  });
  const folders = await Promise.all([installFolder('tool-1', build), installFolder('tool-1', build)]);
  expect(build).toHaveBeenCalledOnce();
  expect(folders).toEqual([join(tools, 'tool-1'), join(tools, 'tool-1')]);
  expect(await readFile(join(tools, 'tool-1', 'program'), 'utf8')).toBe('whole');
});

it('a failed build leaves nothing, and the next attempt builds', async () => {
  const failing = installFolder('tool-1', () => Promise.reject(new Error('no network')));
  await expect(failing).rejects.toThrow('no network');
  expect(await readdir(tools)).toEqual([]);
  await installFolder('tool-1', () => Promise.resolve());
  expect(existsSync(join(tools, 'tool-1'))).toBe(true);
});

it('takes over from a set-up that was killed', async () => {
  const beyondAnyPid = '4194305';
  await writeFile(join(tools, '.lock-tool-1'), beyondAnyPid);
  await mkdir(join(tools, '.building-tool-1'));
  await writeFile(join(tools, '.building-tool-1', 'half'), '');
  await installFolder('tool-1', () => Promise.resolve());
  expect(await readdir(join(tools, 'tool-1'))).toEqual([]);
});
