import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { demoPlace, runDemo } from './demo-process.ts';

test('roles are switched as planned and after a kill, the old primary comes back, and the page of the drill is left', async () => {
  await using place = await demoPlace();
  const { exitCode, stdout, stderr } = await runDemo(place.folder, ['--story', 'failover', '--rate', '100', '--json', '--page', join(place.folder, 'drill.html')]);
  expect(exitCode, stderr).toBe(0);
  const report = JSON.parse(stdout) as Record<'switchover' | 'failover', { writeGapMs: { p50: number; max: number } }>;
  expect(report).toMatchObject({ switchover: { lostWrites: 0 }, rejoined: true, writableNodesMax: 1, drill: { kind: 'kill-tree' } });
  for (const change of [report.switchover, report.failover]) {
    expect(change).toMatchObject({ clientErrors: expect.any(Number), lostWrites: expect.any(Number), ambiguousWrites: expect.any(Number) });
    expect(change.writeGapMs.max).toBeGreaterThanOrEqual(change.writeGapMs.p50);
    expect(change.writeGapMs.p50).toBeGreaterThan(0);
  }
  expect(await readFile(join(place.folder, 'drill.html'), 'utf8')).toContain('kill-tree on cluster main');
  expect(await readdir(place.folder)).toEqual(['drill.html']);
});
