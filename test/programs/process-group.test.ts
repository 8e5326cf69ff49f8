import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { endOrphans, hasOwner, startGroup } from '../../programs/process-group.ts';
import { childrenOf, isAlive } from '../../programs/process-state.ts';
import { waitUntil } from '../../programs/wait-until.ts';

const MODULE = join(import.meta.dirname, '../../programs/process-group.ts');

/** A shell that starts another one; `mark` is among the arguments of both. */
const twoShells = (mark: string): string[] => ['-c', 'sh -c "sleep 300; true" "$0" & wait', mark];

/**
 * The inner shell, as soon as the program that it runs has begun. dash waits in `vfork` until then: whoever is stopped there
 * stays in state D, for as long as the program to be is stopped too.
 */
async function innerShell(outer: number): Promise<number | undefined> {
  const [inner] = await childrenOf(outer);
  const [sleep] = inner === undefined ? [] : await childrenOf(inner);
  const words = sleep === undefined ? '' : await readFile(`/proc/${sleep}/cmdline`, 'utf8').catch(() => '');
  return words.startsWith('sleep\0') ? inner : undefined;
}

async function startedInner(outer: number): Promise<number> {
  let inner: number | undefined;
  expect(await waitUntil(async () => (inner = await innerShell(outer)) !== undefined, 60_000)).toBe(true);
  return inner!;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-group-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('a group is stopped, continued and killed with what it has started', async () => {
  await inFolder(async (folder) => {
    const pidFile = join(folder, 'pid');
    const group = await startGroup({ program: 'sh', args: twoShells(folder), env: {}, pidFile, mark: folder, output: false });
    const inner = await startedInner(group.pid);
    const stateOf = async (pid: number): Promise<string | undefined> => / ([A-Z]) /.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1];
    group.stop();
    expect(await waitUntil(async () => (await stateOf(inner)) === 'T', 60_000)).toBe(true);
    group.continue();
    expect(await waitUntil(async () => (await stateOf(inner)) !== 'T', 60_000)).toBe(true);
    expect(await hasOwner(pidFile)).toBe(true);
    group.kill();
    expect(await group.ended).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    expect(await waitUntil(async () => !(await isAlive(inner)), 60_000)).toBe(true);
  });
});

it('B19 what a killed worker left running is found by its pid file, and ended', async () => {
  await inFolder(async (folder) => {
    const pidFile = join(folder, 'pid');
    const script = `const { startGroup } = await import(${JSON.stringify(MODULE)}); await startGroup({ program: 'sh', args: ${JSON.stringify(twoShells(folder))}, env: {}, pidFile: ${JSON.stringify(pidFile)}, mark: ${JSON.stringify(folder)}, output: false }); console.log('started'); setInterval(() => {}, 1000);`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => worker.stdout.once('data', resolve));
    const { pid } = JSON.parse(await readFile(pidFile, 'utf8')) as { pid: number };
    const inner = await startedInner(pid);
    worker.kill('SIGKILL');
    await new Promise((resolve) => worker.once('close', resolve));
    expect(await hasOwner(pidFile)).toBe(false);
    expect(await isAlive(inner)).toBe(true);
    expect(await endOrphans(pidFile)).toBeGreaterThan(0);
    expect(await isAlive(pid)).toBe(false);
    expect(await isAlive(inner)).toBe(false);
    expect(await endOrphans(pidFile)).toBe(0);
    process.kill(-pid, 'SIGKILL'); // `sleep`, which has no mark
  });
});
