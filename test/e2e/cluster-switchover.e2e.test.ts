import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { SwitchoverResult } from '../../client/clusters.ts';
import { listRoleChanges } from '../../catalog/cluster/role-changes.ts';
import { clusterHolder } from '../../catalog/cluster/lock.ts';
import { readSteps } from '../../catalog/cluster/steps.ts';
import { openClusterBed, type ClusterBed } from '../support/cluster-bed.ts';
import { startWriters } from '../activities/cluster/window-writers.ts';
import { applicationOf, lostOf, rolesOf } from './switchover-bed.ts';

const ENTRY = { synchronous: { mode: 'any', count: 1 }, watch: { automaticFailover: false, coolDown: '0s' }, window: { budget: '60s', silence: '30s' }, lease: { selfStop: '60s' } };

describe('a planned switchover', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ entry: ENTRY });
    await using session = await bed.session('n1');
    await session.execute(`ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (n2, n3)'`);
    await session.execute('SELECT pg_reload_conf()');
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  it('shows every check and the predicted downtime, and starts nothing, on a dry run', async () => {
    const { exitCode, stdout, stderr } = await bed.pgconvoy('cluster', 'switchover', bed.cluster, '--dry-run');
    expect(`${stdout}\n${stderr}`).toContain('Nothing stands against the switchover.');
    expect(stdout).toMatch(/n1 → n[23]/);
    expect(stdout).toMatch(/Writes will be held back for about \d+ ms: drain \d+, stop \d+/);
    expect(exitCode).toBe(0);
    expect(await rolesOf(bed)).toEqual({ n1: 'primary', n2: 'standby of n1', n3: 'standby of n1' });
  });

  it('leads writers that know all hosts to another node: nothing is lost, all follow, all is written down', async () => {
    const application = await applicationOf(bed);
    const writers = startWriters(8, application.places, application.database);
    await writers.more(20);
    const { stdout, stderr } = await bed.pgconvoy('cluster', 'switchover', bed.cluster, '--to', 'n2', '--yes', '--json');
    await writers.more(20);
    const report = await writers.stop();
    expect(stderr + stdout).toContain('SUCCESS');
    const result = JSON.parse(stdout) as SwitchoverResult;
    expect(result).toMatchObject({ end: 'SUCCESS', missing: [], problems: [], window: { outcome: 'switched', timeline: 2 } });
    expect(Math.max(...report.errors)).toBeLessThanOrEqual(1);
    expect(await lostOf(bed, 'n2', report.acknowledged)).toEqual([]);
    expect(await rolesOf(bed)).toEqual({ n1: 'standby of n2', n2: 'primary', n3: 'standby of n2' });
    expect(await clusterHolder(bed.catalog, bed.cluster)).toBeUndefined();
    expect(await listRoleChanges(bed.catalog, bed.cluster)).toMatchObject([{ fromNode: 'n1', toNode: 'n2', automatic: false, operation: result.operation, timeline: 2 }]);
    const done = (await readSteps(bed.catalog, result.operation)).filter(({ phase }) => phase === 'done').map(({ step }) => step);
    expect(new Set(done)).toEqual(new Set(['lock', 'reserve-epoch', 'pause-watcher', 'preflight', 'prepare', 'drain', 'stop-primary', 'tombstone', 'confirm-received', 'claim-epoch', 'promote', 'prove-writable', 'switch-route', 'start-old-as-standby', 'confirm-siblings', 'tidy-slots', 'analyze', 'resume-watcher', 'unlock']));
  });

  it('HA31 lets the new primary wait for a standby from its first instant on', async () => {
    const log = await readFile(bed.node('n2').log, 'utf8');
    const named = log.indexOf('parameter "synchronous_standby_names" changed to "ANY 1 ("n1", "n3")"');
    expect(named).toBeGreaterThan(0);
    expect(log.indexOf('received promote request')).toBeGreaterThan(named);
    await using session = await bed.session('n2');
    expect(await session.rows('SELECT application_name AS name, sync_state AS state FROM pg_stat_replication ORDER BY 1')).toEqual([{ name: 'n1', state: 'quorum' }, { name: 'n3', state: 'quorum' }]);
  });

  it('leaves the slots of those who follow and none besides, and the settings as they were', async () => {
    const slots = async (name: string): Promise<string[]> => {
      await using session = await bed.session(name);
      return (await session.rows<{ slot: string }>('SELECT slot_name AS slot FROM pg_replication_slots ORDER BY 1')).map(({ slot }) => slot);
    };
    expect({ n1: await slots('n1'), n2: await slots('n2'), n3: await slots('n3') }).toEqual({ n1: [], n2: ['pgconvoy_n1', 'pgconvoy_n3'], n3: [] });
    await using session = await bed.session('n1');
    expect((await session.row<{ timeout: string }>(`SELECT current_setting('wal_sender_timeout') AS timeout`)).timeout).toBe('1min');
  });

  it('says what stands in the way of one that cannot be', async () => {
    await execute(bed, ['cluster', 'switchover', bed.cluster, '--to', 'n9', '--yes'], { exitCode: 3, says: 'node "n9" is not in cluster' });
    await execute(bed, ['cluster', 'switchover', bed.cluster, '--abort'], { exitCode: 2, says: 'is not being switched over' });
    await execute(bed, ['cluster', 'switchover', bed.cluster, '--to', 'n2', '--yes'], { exitCode: 4, says: 'is the primary already' });
    expect(await rolesOf(bed)).toEqual({ n1: 'standby of n2', n2: 'primary', n3: 'standby of n2' });
  });
});

async function execute(bed: ClusterBed, words: readonly string[], wanted: { readonly exitCode: number; readonly says: string }): Promise<void> {
  const { exitCode, stderr } = await bed.pgconvoy(...words);
  expect(stderr).toContain(wanted.says);
  expect(exitCode).toBe(wanted.exitCode);
}
