import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openAsker, type ClusterAsker } from '../../catalog/cluster/asker.ts';
import { freshCatalog, type FreshCatalog } from '../catalog/fresh-catalog.ts';
import { privateServer, type PrivateServer } from '../support/cluster.ts';
import { clusterNode, clusterPlan, startAgent, type AgentUnderTest } from './agent-bed.ts';

describe('two agents that watch', () => {
  let fresh: FreshCatalog;
  let n1: PrivateServer;
  let n2: PrivateServer;
  let agents: AgentUnderTest[];
  let asker: ClusterAsker;

  beforeAll(async () => {
    [fresh, n1, n2] = await Promise.all([freshCatalog(), privateServer(18), privateServer(18)]);
    const plan = clusterPlan('shop', [clusterNode('n1', n1), clusterNode('n2', n2)]);
    const base = { plan, addresses: { n1: n1.server, n2: n2.server }, catalog: fresh.catalog, place: { address: fresh.database.server, database: fresh.database.name } };
    agents = [await startAgent({ ...base, node: 'n1', server: n1 }), await startAgent({ ...base, node: 'n2', server: n2 })];
    asker = await openAsker(fresh.catalog, 'shop');
  });
  afterAll(async () => {
    await asker[Symbol.asyncDispose]();
    await Promise.all(agents.map((one) => one[Symbol.asyncDispose]()));
    await Promise.all([n1, n2, fresh].map((one) => one[Symbol.asyncDispose]()));
  });

  it('answer a round with what they see of their servers', async () => {
    const { reports } = await asker.askAll(['n1', 'n2'], 10_000);
    const report = reports.find(({ observer }) => observer === 'n1')!.value;
    expect(report.process.postmaster).toBe('running');
    expect(report.process.children).toBeGreaterThan(3);
    expect(report.server).toMatchObject({ ok: { major: 18, inRecovery: false, timeline: 1, settings: { wal_level: { value: 'logical' } } } });
    expect(report.walDiskFreeBytes).toMatchObject({ ok: expect.any(Number) });
    expect(report.control).toMatchObject({ ok: { state: 'in production', timeline: 1 } });
  });
});
