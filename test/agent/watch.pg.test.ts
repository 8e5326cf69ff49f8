import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openAsker, type ClusterAsker } from '../../catalog/cluster/asker.ts';
import { connect } from '../../postgres/connection.ts';
import { send } from '../../programs/cluster/kill-tree.ts';
import { livingPostmaster, serverProcesses } from '../../programs/cluster/server-processes.ts';
import { freshCatalog, type FreshCatalog } from '../catalog/fresh-catalog.ts';
import { until } from '../support/bed-wait.ts';
import { privateServer, type PrivateServer } from '../support/cluster.ts';
import { standbyOf, type Standby } from '../support/standby.ts';
import { clusterNode, clusterPlan, startAgent, type AgentUnderTest } from './agent-bed.ts';

describe('agents that watch', () => {
  let fresh: FreshCatalog;
  let n1: PrivateServer;
  let n2: Standby;
  let agents: Record<'n1' | 'n2' | 'w', AgentUnderTest>;
  let asker: ClusterAsker;

  beforeAll(async () => {
    [fresh, n1] = await Promise.all([freshCatalog(), privateServer(18, { settings: { wal_receiver_status_interval: '1s' } })]);
    n2 = await standbyOf(n1);
    const second = { server: n2.server, cluster: { ...n1.cluster, dataDir: n2.dataDir } };
    const witness = clusterNode('w', n1, { role: 'witness', dataDir: null });
    const plan = clusterPlan('shop', [clusterNode('n1', n1, { role: 'primary' }), clusterNode('n2', second, { upstream: 'n1' }), witness], { lease: { selfStopMs: 60_000, stopMs: 500, marginMs: 300 } });
    const base = { plan, addresses: { n1: n1.server, n2: n2.server }, catalog: fresh.catalog, place: { address: fresh.database.server, database: fresh.database.name } };
    agents = { n1: await startAgent({ ...base, node: 'n1' }), n2: await startAgent({ ...base, node: 'n2' }), w: await startAgent({ ...base, node: 'w' }) };
    asker = await openAsker(fresh.catalog, 'shop');
  });
  afterAll(async () => {
    await asker[Symbol.asyncDispose]();
    await Promise.all(Object.values(agents).map((one) => one[Symbol.asyncDispose]()));
    await n2[Symbol.asyncDispose]();
    await Promise.all([n1, fresh].map((one) => one[Symbol.asyncDispose]()));
  });

  const reportOf = async (node: string) => (await asker.askAll(['n1', 'n2', 'w'], 30_000)).reports.find(({ observer }) => observer === node)!.value;
  const sightingsOf = async (subject: string) => {
    await asker.ask();
    return Object.fromEntries((await asker.words()).sightings.filter(({ value }) => value.subject === subject).map(({ observer, value }) => [observer, value]));
  };

  it('answer a round with what they see of their servers, and tell ages by it', async () => {
    const before = asker.now();
    const { reports, histories } = await asker.askAll(['n1', 'n2', 'w'], 30_000);
    const [primary, standby, witness] = reports;
    expect(reports.map(({ observer }) => observer)).toEqual(['n1', 'n2', 'w']);
    for (const { askedAt } of reports) expect(askedAt).toMatchObject({ clock: before.clock });
    for (const { askedAt } of reports) expect(askedAt.ms).toBeGreaterThanOrEqual(before.ms);
    expect(primary!.value).toMatchObject({ tombstone: false, process: { postmaster: 'running' }, control: { ok: { state: 'in production', timeline: 1 } } });
    expect(primary!.value.server).toMatchObject({ ok: { major: 18, inRecovery: false, timeline: 1, receiveLsn: null, senders: [{ state: 'streaming' }], settings: { wal_level: { value: 'logical' }, max_wal_senders: { value: '10' } } } });
    expect(primary!.value.process.children).toBeGreaterThan(3);
    expect(primary!.value.walDiskFreeBytes).toMatchObject({ ok: expect.any(Number) });
    expect(standby!.value.server).toMatchObject({ ok: { inRecovery: true, timeline: 1, writeLsn: null, replayPaused: false, receiver: { status: 'streaming', timeline: 1, senderPort: n1.server.port } } });
    expect(standby!.value).toMatchObject({ tombstone: true, control: { ok: { state: 'in archive recovery' } } });
    expect(witness!.value).toMatchObject({ process: { postmaster: 'gone', children: 0 }, server: { failed: { code: 'name_unknown' } } });
    expect(histories.get('n2')).toEqual({ timeline: 1, ancestors: [] });
  });

  it('HA61 never tell a password of primary_conninfo', async () => {
    const text = JSON.stringify(await reportOf('n2'));
    expect(text).toContain('primary_conninfo');
    expect(text).not.toContain(n1.server.password!.reveal());
  });

  it('see one another from outside, and who else is there', async () => {
    const seen = await until('sightings of both', async () => {
      const [one, two] = [await sightingsOf('n1'), await sightingsOf('n2')];
      return one['n2']?.answer === 'serving' && two['n1']?.answer === 'in-recovery' && one['w']?.answer === 'serving' && { one, two };
    });
    expect(seen.one['n2']).toMatchObject({ nameResolves: true, receiverAgeMs: expect.any(Number), reaches: ['w'] });
    expect(seen.one['w']).toMatchObject({ receiverAgeMs: null, reaches: ['n2'] });
    expect((await asker.words()).machines.get('w')).toBe('w');
  });

  it('G2 tell a frozen postmaster from a dead one, and a server that does not answer from both', async () => {
    const processes = serverProcesses(n2.dataDir);
    for (const { pid } of processes) send(pid, 'SIGSTOP');
    try {
      await until('frozen', async () => (await reportOf('n2')).process.postmaster === 'frozen');
      await until('lost by the others', async () => (await sightingsOf('n2'))['w']?.answer === 'timed-out');
      expect((await reportOf('n2')).server).toMatchObject({ failed: { code: 'server_unreachable' } });
    } finally {
      for (const { pid } of processes) send(pid, 'SIGCONT');
    }
    await until('an answer again', async () => 'ok' in (await reportOf('n2')).server);
  });

  it('HA4 kill what a dead postmaster leaves behind, and tell its death, unless a stop is expected', async () => {
    const backend = await connect(n1.server, { purpose: 'orphan' });
    const endless = backend.execute('DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$').catch(() => 'ended');
    const held = agents.n1.agent.expectStop();
    send((await livingPostmaster(n1.cluster.dataDir))!, 'SIGKILL');
    await until('the death', async () => ['gone', 'zombie'].includes((await reportOf('n1')).process.postmaster));
    // It goes on writing and answering as long as it is left alone.
    expect(serverProcesses(n1.cluster.dataDir).map(({ pid }) => pid)).toContain(backend.pid);
    held[Symbol.dispose]();

    expect(await endless).toBe('ended');
    await until('no process', async () => serverProcesses(n1.cluster.dataDir).length === 0);
    expect(agents.n1.log.join('\n')).toContain('killed what a dead postmaster had left behind');
    await until('refused', async () => (await sightingsOf('n1'))['w']?.answer === 'refused');
    expect(await reportOf('n1')).toMatchObject({ process: { children: 0 }, control: { ok: { state: 'in production' } } });
    // A dead postmaster that nobody has reaped yet keeps a new one from starting.
    await until('the reaped postmaster', async () => (await reportOf('n1')).process.postmaster === 'gone');
    await n1.start();
    await until('serving', async () => (await sightingsOf('n1'))['w']?.answer === 'serving' && 'ok' in (await reportOf('n1')).server, async () => [await sightingsOf('n1'), await reportOf('n1'), agents.n1.log]);
  });
});
