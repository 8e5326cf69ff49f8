import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import type { DrillReport, DrillSummary } from '../../domain/cluster/drill/report.ts';
import { standing, waitUntilWhole } from '../../scripts/cluster-world/world-waits.ts';
import { watchWorkflowId } from '../../workflows/messages.ts';
import { until } from '../support/bed-wait.ts';
import { type ClusterBed, openClusterBed } from '../support/cluster-bed.ts';

/** The disk of the log is small, so that it is soon full; the times are those of a machine that others load. */
const ENTRY = {
  watch: { coolDown: '0s', flapLimit: { count: 100 } },
  limits: { walDiskFree: '1MB' },
  drilling: { backup: 'waived', freeze: '6s', largestFill: '512MB' },
  drills: { monthly: { kind: 'kill-tree', baseline: '1500ms', consentBy: 'ada', schedule: { cron: '0 3 1 * *', timeZone: 'Europe/Berlin' } } },
};
const SETTINGS = { max_wal_size: '48MB', min_wal_size: '32MB', wal_keep_size: '16MB' };
const FLAGS = ['--yes', '--by', 'tester', '--baseline', '1500ms', '--rate', '150', '--redundant-within', '90s', '--max-write-gap', '40s', '--max-lost', '50', '--abort-after', '80s', '--json'];

interface Held {
  readonly exitCode: number;
  readonly report: DrillReport;
}

async function hold(bed: ClusterBed, ...words: readonly string[]): Promise<Held> {
  await waitUntilWhole(bed);
  const { stdout, stderr, exitCode } = await bed.pgconvoy('cluster', 'drill', bed.cluster, ...words, ...FLAGS);
  if (stdout === '') throw new Error(`drill ${words.join(' ')}: ${stderr}`);
  const { drill } = JSON.parse(stdout) as DrillSummary;
  const { stdout: text } = await bed.pgconvoy('cluster', 'drills', 'report', drill, '--json');
  return { exitCode, report: JSON.parse(text) as DrillReport };
}

describe('drills', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ network: 'namespaces', entry: ENTRY, settings: SETTINGS, walDiskMegabytes: 400 });
    await until('the watcher', async () => (await bed.pgconvoy('cluster', 'watch', bed.cluster)).exitCode === 0);
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  it.each(['planned', 'kill-tree', 'kill-postmaster', 'immediate-stop', 'freeze', 'partition'] as const)('HA1 %s of the primary ends in one new primary, and the old one comes back', async (kind) => {
    const before = (await standing(bed)).primary;
    const { exitCode, report } = await hold(bed, '--kind', kind);
    expect(report.verdict, JSON.stringify({ ...report.verdict, notes: report.notes, injection: report.injection })).toMatchObject({ verdict: 'passed', doubts: [] });
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ from: before, measure: { injected: true, timelineChanged: true, abortedBy: null }, probe: { writable: { exactlyOne: true }, ledger: { addsUp: true, duplicates: [] } } });
    expect(report.to).not.toBe(before);
    expect((await standing(bed)).primary).toBe(report.to);
  });

  it('HA13 a full disk of the log is no reason to change roles: the primary serves again when there is room', async () => {
    const { report } = await hold(bed, '--kind', 'disk-full');
    expect(report.verdict.parts.find(({ part }) => part === 'roles'), JSON.stringify(report.verdict)).toMatchObject({ passed: true, measured: 'the same primary' });
    expect(report).toMatchObject({ measure: { injected: true, timelineChanged: false }, verdict: { verdict: 'passed' } });
    expect(report.to).toBe(report.from);
  });

  it('HA51 is refused by gates that are named, and a look at them changes nothing', async () => {
    const { stdout, exitCode } = await bed.pgconvoy('cluster', 'drill', bed.cluster, '--kind', 'kill-tree', '--dry-run', '--json');
    const { gates } = JSON.parse(stdout) as { gates: { rule: string; open: boolean }[] };
    expect(exitCode, stdout).toBe(0);
    expect(gates.map(({ rule }) => rule)).toContain('backed-up');
    await bed.pgconvoy('cluster', 'watch', bed.cluster, '--stop');
    await until('the end of the watcher', async () => (await bed.client.workflow.getHandle(watchWorkflowId(bed.cluster)).describe()).status.name !== 'RUNNING');
    const refused = await bed.pgconvoy('cluster', 'drill', bed.cluster, '--kind', 'kill-tree', ...FLAGS);
    expect(refused.exitCode).toBe(4);
    expect(refused.stdout).toContain('watched: Nobody watches it');
  });

  it('are kept: listed, and shown as a page that needs nothing else', async () => {
    const { stdout } = await bed.pgconvoy('cluster', 'drills', 'list', bed.cluster, '--json');
    const { drills } = JSON.parse(stdout) as { drills: { drill: string; summary: DrillSummary | null }[] };
    // Newest first; one that was tried again is there twice.
    expect(drills.flatMap(({ summary }) => (summary === null ? [] : [summary.kind]))).toEqual(expect.arrayContaining(['planned', 'kill-tree', 'kill-postmaster', 'immediate-stop', 'freeze', 'partition', 'disk-full']));
    const page = join(inject('runFolder'), 'drill.html');
    expect((await bed.pgconvoy('cluster', 'drills', 'report', drills.at(-1)!.drill, '--html', page)).exitCode).toBe(0);
    expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*planned on cluster main[\s\S]*<svg[\s\S]*class="gap"/);
  });

  it('are held by schedule, as the inventory says', async () => {
    const applied = await bed.pgconvoy('schedule', 'apply', '--json');
    expect(JSON.parse(applied.stdout)).toMatchObject({ schedules: [{ policy: 'drill/main/monthly', change: 'create' }] });
    const listed = await bed.pgconvoy('schedule', 'list', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ schedules: [{ policy: 'drill/main/monthly', state: 'in force', drift: [] }] });
    expect(JSON.parse((await bed.pgconvoy('schedule', 'apply', '--json')).stdout)).toMatchObject({ schedules: [{ change: 'in force' }] });
  });
});
