import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { latestAudit } from '../../catalog/audit-rows.ts';
import { clusterHolder } from '../../catalog/cluster/lock.ts';
import { listNodes, registerNode } from '../../catalog/cluster/nodes.ts';
import { readSteps } from '../../catalog/cluster/steps.ts';
import type { NodeRunResult } from '../../domain/cluster/run/node-run.ts';
import { type ClusterBed, type CommandEnd, openClusterBed } from '../support/cluster-bed.ts';
import { until } from '../support/bed-wait.ts';

describe('operations on nodes', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ nodes: 3, built: false });
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  const resultOf = ({ stdout, stderr, exitCode }: CommandEnd): NodeRunResult => {
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    return JSON.parse(stdout) as NodeRunResult;
  };
  const run = async (...words: string[]): Promise<NodeRunResult> => resultOf(await bed.pgconvoy('cluster', ...words, '--json'));
  async function followers(node: string): Promise<string[]> {
    await using session = await bed.session(node);
    return (await session.rows<{ name: string }>("SELECT application_name AS name FROM pg_stat_replication WHERE state = 'streaming' ORDER BY 1")).map(({ name }) => name);
  }

  it('makes a cluster from nothing, a node at a time, with a journal and an audit', async () => {
    const looked = await run('init', bed.cluster, 'n1', '--dry-run');
    expect(looked.checks.map(({ ok }) => ok)).not.toContain(false);
    expect(existsSync(join(bed.node('n1').cluster.dataDir, 'PG_VERSION'))).toBe(false);

    const made = await run('init', bed.cluster, 'n1', '--by', 'tester');
    expect(made.end).toBe('SUCCESS');
    const again = await bed.pgconvoy('cluster', 'init', bed.cluster, 'n1');
    expect(again.stderr).toContain('is there already');

    const second = await run('clone', bed.cluster, 'n2');
    expect(second).toMatchObject({ end: 'SUCCESS', upstream: 'n1', missing: [] });
    const third = await run('clone', bed.cluster, 'n3', '--from', 'n2');
    expect(third).toMatchObject({ end: 'SUCCESS', upstream: 'n1' });
    expect(await followers('n1')).toEqual(['n2', 'n3']);
    expect((await listNodes(bed.catalog, bed.cluster)).map(({ declaration: { name, role, upstream } }) => ({ name, role, upstream }))).toEqual([
      { name: 'n1', role: 'primary', upstream: null }, { name: 'n2', role: 'standby', upstream: 'n1' }, { name: 'n3', role: 'standby', upstream: 'n1' },
    ]);
    expect(await clusterHolder(bed.catalog, bed.cluster)).toBeUndefined();
    expect((await readSteps(bed.catalog, second.operation)).map(({ step, phase }) => `${step} ${phase}`)).toEqual(expect.arrayContaining(['preflight done', 'clone intent', 'clone done', 'register done', 'slots-n1 done']));
    expect((await latestAudit(bed.catalog, { limit: 100 })).map(({ action }) => action)).toEqual(expect.arrayContaining(['cluster.init.start', 'cluster.init.completed', 'cluster.clone.completed']));
  });

  it('lists each check of a clone, and refuses what lies in the way without moving it', async () => {
    const { stdout, exitCode } = await bed.pgconvoy('cluster', 'clone', bed.cluster, 'n3', '--dry-run', '--json');
    const { checks } = JSON.parse(stdout) as NodeRunResult;
    expect(checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['directory']);
    expect(checks.map(({ check }) => check)).toEqual(expect.arrayContaining(['replication login at n1', 'walsenders of the source', 'disk', 'tablespaces', 'settings', 'rewindable later']));
    expect(exitCode).not.toBe(0);
    const refused = await bed.pgconvoy('cluster', 'clone', bed.cluster, 'n3');
    expect(refused.exitCode).not.toBe(0);
    expect(await followers('n1')).toEqual(['n2', 'n3']);
  });

  it('HA39 follows another standby and comes back; a loop is refused', async () => {
    expect(await run('follow', bed.cluster, 'n3', 'n2')).toMatchObject({ end: 'SUCCESS', upstream: 'n2' });
    expect(await followers('n2')).toEqual(['n3']);
    const loop = await bed.pgconvoy('cluster', 'follow', bed.cluster, 'n2', 'n3');
    expect(loop.exitCode).not.toBe(0);
    expect(loop.stderr).toContain('gets its log from');
    await run('follow', bed.cluster, 'n3', 'n1');
    await using second = await bed.session('n2');
    expect(await second.rows('SELECT slot_name FROM pg_replication_slots')).toEqual([]);
  });

  // Where an agent dies: while it copies, when the copy is verified, while the folders are renamed.
  const ledgers = (): number => globSync(join(bed.env['PGCONVOY_STATE']!, 'agents', 'n3', 'clone-*.json')).length;
  const movedAside = (): number => globSync(`${bed.node('n3').cluster.dataDir}.before-*`).length;
  it.each([
    ['copies', () => globSync(`${bed.node('n3').cluster.dataDir}.pgconvoy-clone-*/PG_VERSION`).length],
    ['has verified the copy', ledgers],
    ['renames the folders', movedAside],
  ])('a clone goes on when the agent is killed while it %s', async (_moment, count) => {
    const before = count();
    const { exitCode } = await bed.pgconvoy('cluster', 'clone', bed.cluster, 'n3', '--replace', '--no-wait');
    expect(exitCode).toBe(0);
    await until('the moment of the kill', () => Promise.resolve(count() > before));
    await bed.killAgent('n3');
    await bed.startAgent('n3');
    const result = (await bed.client.workflow.getHandle(`cluster/${bed.cluster}/node/n3`).result()) as NodeRunResult;
    expect(result).toMatchObject({ end: 'SUCCESS' });
    expect(existsSync(join(result.movedAside!, 'PG_VERSION'))).toBe(true);
    expect(globSync(`${bed.node('n3').cluster.dataDir}.pgconvoy-clone-*`)).toEqual([]);
    expect(await followers('n1')).toEqual(['n2', 'n3']);
  });

  it('HA20 rewinds a lost primary, and keeps what it gave up', async () => {
    await using old = await bed.session('n1');
    await old.execute('CREATE TABLE public.said (word text)');
    await until('n3 to have the table', async () => {
      await using third = await bed.session('n3');
      return (await third.rows("SELECT 1 FROM pg_class WHERE relname = 'said'")).length > 0;
    });
    await using second = await bed.session('n2');
    await second.execute('SELECT pg_promote(true)');
    await old.execute("INSERT INTO public.said VALUES ('too late')");
    for (const { declaration } of await listNodes(bed.catalog, bed.cluster)) {
      if (declaration.name !== 'n3') await registerNode(bed.catalog, bed.cluster, { ...declaration, role: declaration.name === 'n2' ? 'primary' : 'standby', upstream: declaration.name === 'n2' ? null : 'n2' });
    }
    const looked = await run('rejoin', bed.cluster, 'n1', '--dry-run');
    expect(looked.verdict).toMatchObject({ action: 'wait' });
    const { end, verdict, evidence } = await run('rejoin', bed.cluster, 'n1');
    expect({ end, verdict }).toMatchObject({ end: 'SUCCESS', verdict: { action: 'rewind', relation: 'ahead' } });
    expect(await readFile(join(evidence!, 'commits.txt'), 'utf8')).toContain('COMMIT');
    expect(await followers('n2')).toContain('n1');
    await using back = await bed.session('n1');
    expect(await back.rows('SELECT word FROM public.said')).toEqual([]);
  });
});
