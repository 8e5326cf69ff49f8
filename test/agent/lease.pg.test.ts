import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { latestAudit } from '../../catalog/audit-rows.ts';
import { connect } from '../../postgres/connection.ts';
import { send } from '../../programs/cluster/kill-tree.ts';
import { serverProcesses } from '../../programs/cluster/server-processes.ts';
import { freshCatalog, type FreshCatalog } from '../catalog/fresh-catalog.ts';
import { until } from '../support/bed-wait.ts';
import { privateServer, type PrivateServer } from '../support/cluster.ts';
import { cuttablePort, type CuttablePort } from '../support/cuttable-port.ts';
import { standbyOf } from '../support/standby.ts';
import { clusterNode, clusterPlan, startAgent } from './agent-bed.ts';

/** Generous where it has to go on, and far below what a test waits for. A walsender stays for ever, so that its being there proves nothing. */
const LEASE = { selfStopMs: 2000, stopMs: 500, marginMs: 300 };

describe('the lease of a primary', () => {
  let fresh: FreshCatalog;
  let primary: PrivateServer;
  let link: CuttablePort;
  beforeEach(async () => {
    [fresh, primary] = await Promise.all([freshCatalog(), privateServer(18, { settings: { wal_sender_timeout: 0 } })]);
    link = await cuttablePort(fresh.database.server);
  });
  afterEach(async () => {
    await Promise.all([link, primary, fresh].map((one) => one[Symbol.asyncDispose]()));
  });

  const agentOf = (stateDir?: string) =>
    startAgent({
      plan: clusterPlan('shop', [clusterNode('n1', primary, { role: 'primary' })], { lease: LEASE }), node: 'n1', addresses: { n1: primary.server }, catalog: fresh.catalog,
      place: { address: { ...fresh.database.server, port: link.port }, database: fresh.database.name }, ...(stateDir === undefined ? {} : { stateDir }),
    });
  const told = (pattern: RegExp, { log }: { log: readonly string[] }) => until(`"${pattern.source}" in the log`, async () => log.some((line) => pattern.test(line)));

  it('HA6 ends with the primary stopped, whatever its sessions do, and it comes up read-only', async () => {
    await using under = await agentOf();
    await until('the first word', async () => (await under.agent.look()).server !== undefined && 'ok' in (await under.agent.look()).server);
    const session = await connect(primary.server, { purpose: 'writer' });
    await session.execute('CREATE TABLE public.w (i int)');
    let lastAck = 0;
    const writing = (async () => {
      for (let i = 0; ; i += 1) {
        await session.execute('INSERT INTO public.w VALUES ($1)', [i]);
        lastAck = performance.now();
        await sleep(10);
      }
    })();
    writing.catch(() => undefined);
    link.cut();
    const cutAt = performance.now();
    await expect(writing).rejects.toThrow();
    expect(lastAck - cutAt).toBeLessThan(30_000);
    await told(/has stopped its own server/, under);
    expect(serverProcesses(primary.cluster.dataDir)).toEqual([]);
    expect(under.agent.journal.facts().selfFencedAt).not.toBeNull();

    link.heal();
    await until('the audit event', async () => (await latestAudit(fresh.catalog, { limit: 10 })).some(({ action, object }) => action === 'node.self-fence' && object === 'node n1 of cluster shop'));
    await primary.start();
    await using again = await connect(primary.server, { purpose: 'test' });
    expect(await again.row('SELECT pg_is_in_recovery() AS r')).toEqual({ r: true });
    await until('the forgotten stop', async () => under.agent.journal.facts().selfFencedAt === null);
  });

  it('HA11 HA3 is kept while a standby replies though the catalog is away, and ends when it no longer does', async () => {
    await using standby = await standbyOf(primary);
    await using under = await agentOf();
    await standby.caughtUp();
    link.cut();
    await told(/the catalog does not answer/, under);
    await sleep(3 * LEASE.selfStopMs);
    expect(under.log.filter((line) => line.startsWith('stops its own server'))).toEqual([]);
    await using session = await connect(primary.server, { purpose: 'test' });
    expect(await session.row('SELECT count(*)::int AS n FROM pg_stat_replication')).toEqual({ n: 1 });

    const frozen = serverProcesses(standby.dataDir);
    for (const { pid } of frozen) send(pid, 'SIGSTOP');
    try {
      await told(/has stopped its own server/, under);
    } finally {
      for (const { pid } of frozen) send(pid, 'SIGCONT');
    }
  });

  it('HA6 counts from the start of an agent that begins to watch in the dark', async () => {
    link.cut();
    const startedAt = performance.now();
    await using under = await agentOf();
    await told(/stops its own server/, under);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(LEASE.selfStopMs);
    await told(/has stopped its own server/, under);
    expect(serverProcesses(primary.cluster.dataDir)).toEqual([]);
  });
});
