import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { latestAudit } from '../../catalog/audit-rows.ts';
import { listNodes, unregisterNode } from '../../catalog/cluster/nodes.ts';
import { openClusterBed, type ClusterBed } from '../support/cluster-bed.ts';
import { until } from '../support/bed-wait.ts';

interface Shown {
  readonly nodes: readonly { readonly node: string; readonly role: string; readonly status: string; readonly upstream: string | null; readonly lagBytes: number | null; readonly sync: string | null; readonly timeline: number | null; readonly conninfo: string }[];
  readonly problems: readonly { readonly rule: string; readonly node: string | null }[];
  readonly pause: { readonly owner: string; readonly reason: string } | null;
}

describe('a cluster by the command line', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ worker: false });
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  const show = async (): Promise<Shown> => JSON.parse((await bed.pgconvoy('cluster', 'show', bed.cluster, '--json')).stdout) as Shown;
  const audit = async () => (await latestAudit(bed.catalog, { limit: 50 })).map(({ action, object }) => `${action} ${object}`);

  it('R49 is shown with roles, streams and places, and without a secret', async () => {
    const shown = await until('all that run', async () => {
      const now = await show();
      return now.nodes.every(({ status, timeline }) => status === 'running' && timeline === 1) && now;
    }, show);
    expect(shown.nodes.map(({ node, role, upstream }) => [node, role, upstream])).toEqual([['n1', 'primary', null], ['n2', 'standby', 'n1'], ['n3', 'standby', 'n1']]);
    expect(shown.nodes[1]).toMatchObject({ sync: 'async', conninfo: expect.stringContaining('application_name=n2') });
    const { stdout } = await bed.pgconvoy('cluster', 'show', bed.cluster);
    expect(stdout).toMatch(/^n1 +primary +running/m);
    expect(stdout).toContain('Automatic failover is');
    const lag = JSON.parse((await bed.pgconvoy('cluster', 'lag', bed.cluster, '--json')).stdout) as Shown;
    expect(lag.nodes.map(({ node, lagBytes }) => [node, typeof lagBytes])).toEqual([['n1', 'object'], ['n2', 'number'], ['n3', 'number']]);
  });

  it('is taken over as it runs', async () => {
    for (const node of ['n2', 'n3']) await unregisterNode(bed.catalog, node);
    const dry = await bed.pgconvoy('cluster', 'register', bed.cluster, '--all', '--dry-run');
    expect(dry.stdout).toContain('Would register');
    expect((await listNodes(bed.catalog, bed.cluster)).map(({ declaration }) => declaration.name)).toEqual(['n1']);
    expect(await bed.pgconvoy('cluster', 'register', bed.cluster, '--all')).toMatchObject({ exitCode: 0 });
    expect((await listNodes(bed.catalog, bed.cluster)).map(({ declaration: { name, role, upstream } }) => [name, role, upstream])).toEqual([['n1', 'primary', null], ['n2', 'standby', 'n1'], ['n3', 'standby', 'n1']]);
    expect(await audit()).toContain(`node.register node n3 of cluster ${bed.cluster}`);
  });

  it('HA52 is paused with an owner, a reason and an end, and resumed', async () => {
    expect(await bed.pgconvoy('cluster', 'pause', bed.cluster, '--for', '100d', '--reason', 'disks')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('A pause ends after at most') });
    expect(await bed.pgconvoy('cluster', 'pause', bed.cluster, '--for', '1h', '--reason', 'new disks', '--by', 'ada')).toMatchObject({ exitCode: 0 });
    expect((await show()).pause).toMatchObject({ owner: 'ada', reason: 'new disks' });
    expect(await bed.pgconvoy('cluster', 'resume', bed.cluster)).toMatchObject({ exitCode: 0 });
    expect((await show()).pause).toBeNull();
    expect(await audit()).toEqual(expect.arrayContaining([`cluster.pause cluster ${bed.cluster}`, `cluster.resume cluster ${bed.cluster}`]));
  });

  it('R79 changes how commits are confirmed, guarded and audited', async () => {
    await using session = await bed.session('n1');
    const names = async () => (await session.row<{ names: string }>(`SELECT current_setting('synchronous_standby_names') AS names`)).names;
    expect(await bed.pgconvoy('cluster', 'sync', bed.cluster, '--any', '3', '--reason', 'too many', '--yes')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('every commit would hang') });
    expect(await bed.pgconvoy('cluster', 'sync', bed.cluster, '--any', '1', '--reason', 'safer', '--yes')).toMatchObject({ exitCode: 0 });
    await until('the names', async () => (await names()) === 'ANY 1 ("n2", "n3")', names);
    await until('a quorum', async () => (await show()).nodes[1]?.sync === 'quorum');
    expect(await bed.pgconvoy('cluster', 'sync', bed.cluster, '--off', '--reason', 'both are away', '--yes')).toMatchObject({ exitCode: 0 });
    await until('no names', async () => (await names()) === '', names);
    expect(await audit()).toContain(`cluster.sync cluster ${bed.cluster}`);
  });

  it('HA41 takes a node off once it is stopped, with its slot, and never the primary', async () => {
    expect(await bed.pgconvoy('cluster', 'unregister', bed.cluster, 'n1')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('is-primary') });
    await bed.kill('n3', 'tree');
    await until('an idle slot', async () => (await bed.pgconvoy('cluster', 'unregister', bed.cluster, 'n3', '--dry-run', '--json')).stdout.includes('"refusals": []'));
    expect((await show()).problems.map(({ rule, node }) => `${node} ${rule}`)).toContain('n3 failed');
    expect(await bed.pgconvoy('cluster', 'unregister', bed.cluster, 'n3')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('off cluster') });
    await using session = await bed.session('n1');
    expect(await session.rows(`SELECT slot_name::text FROM pg_replication_slots WHERE slot_name LIKE '%n3'`)).toEqual([]);
    expect((await listNodes(bed.catalog, bed.cluster)).map(({ declaration }) => declaration.name)).toEqual(['n1', 'n2']);
  });
});
