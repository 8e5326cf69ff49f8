import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';

const DEMO = fileURLToPath(new URL('../../../scripts/demo/main.ts', import.meta.url));
/** The demo's folder is made in it, apart from those of others. */
let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'pgconvoy-e2e-'));
  // As root, servers run as another account, which has to get in.
  await chmod(temporary, 0o755);
});

afterEach(() => rm(temporary, { recursive: true }));

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo; `interruptAfter` is a text of its display at which it is interrupted. */
function runDemo(words: readonly string[], interruptAfter?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [DEMO, ...words], { env: { ...process.env, TMPDIR: temporary } }, (_, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }));
    let shown = '';
    child.stderr?.on('data', (text: string) => {
      const before = shown;
      shown += text;
      if (interruptAfter !== undefined && shown.includes(interruptAfter) && !before.includes(interruptAfter)) child.kill('SIGINT');
    });
  });
}

test('a live database moves from the oldest to the newest major without a lost write, and nothing is left behind', async () => {
  const { exitCode, stdout, stderr } = await runDemo(['--size', '30MB', '--json']);
  expect(exitCode, stderr).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ equal: true, differences: [], lostWrites: 0, duplicatedWrites: 0 });
  expect(await readdir(temporary)).toEqual([]);
});

test.each(['✓ worker', '✓ schema'])('interrupted after "%s", it says so and leaves nothing behind', async (moment) => {
  const { exitCode, stderr } = await runDemo(['--size', '15MB'], moment);
  expect(stderr).toContain('interrupted');
  expect(exitCode).toBe(130);
  expect(await readdir(temporary)).toEqual([]);
});

test('two nights are backed up and proven, a flipped bit is found out, and what is restored is what was', async () => {
  const { exitCode, stdout, stderr } = await runDemo(['--story', 'backup', '--size', '20MB', '--json', '--page', join(temporary, 'report.html')]);
  expect(exitCode, stderr).toBe(0);
  const report = JSON.parse(stdout) as Record<string, number>;
  expect(report).toMatchObject({ provenBackups: 1, mutatedRejected: true, restoredEqual: true, differences: [] });
  expect(report['restoreSeconds']).toBeGreaterThan(0);
  expect(report['storedBytes']).toBeGreaterThan(0);
  expect(report['storedBytes']).toBeLessThan(report['rawBytes']!);
  expect(await readFile(join(temporary, 'report.html'), 'utf8')).toContain('shop-nightly');
  expect(await readdir(temporary)).toEqual(['report.html']);
});

test.each(['is dumped', 'is restored and compared'])('a backup that is interrupted when its database "%s" leaves nothing behind', async (moment) => {
  const { exitCode, stderr } = await runDemo(['--story', 'backup', '--size', '15MB'], moment);
  expect(stderr).toContain('interrupted');
  expect(exitCode).toBe(130);
  expect(await readdir(temporary)).toEqual([]);
});
