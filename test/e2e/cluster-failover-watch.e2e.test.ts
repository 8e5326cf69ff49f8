
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pauseWatchUpdate, resumeWatchUpdate, watchWorkflowId } from '../../workflows/messages.ts';
import { until } from '../support/bed-wait.ts';
import { type ClusterBed, openClusterBed } from '../support/cluster-bed.ts';
import { allWell, editInventory, failoverEnd, promotedNode, registeredPrimary, startClients, watcherSays, watchUntilWell, writableNodes } from '../support/failover-stage.ts';

const closed = (rule: string) => ({ finding }: { finding: { alert: string | null; evidence: { gates: readonly { rule: string; open: boolean }[] | null } } | null }): boolean => (finding?.alert ?? null) !== null && finding?.evidence.gates?.some((gate) => gate.rule === rule && !gate.open) === true;

/** The watcher keeps still, and a person acts. */
describe('an operator and the watcher', () => {
  let bed: ClusterBed;
  let operation: string | null = null;
  beforeAll(async () => {
    bed = await openClusterBed({ entry: { watch: { coolDown: '20m', flapLimit: { count: 100 } } } });
    await watchUntilWell(bed, 'n1');
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());
  const watcher = () => bed.client.workflow.getHandle(watchWorkflowId(bed.cluster));

  it('D2 does not fail over a primary that serves', async () => {
    const dryRun = await bed.pgconvoy('cluster', 'failover', bed.cluster, '--dry-run');
    expect(dryRun).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('A failover would promote nobody: The primary is not lost') });
    const asked = await bed.pgconvoy('cluster', 'failover', bed.cluster, '--yes', '--by', 'ada');
    expect(asked).toMatchObject({ exitCode: 4, stdout: expect.stringMatching(/^ABORTED: nobody was promoted .* n1 stays the primary/) });
    expect(await writableNodes(bed)).toEqual(['n1']);
    operation = (await failoverEnd(bed)).operation;
  });

  it('HA11 goes on serving while Temporal and the workers are away', async () => {
    await using clients = await startClients(bed, 2);
    await bed.killWorker();
    await bed.killTemporal();
    await clients.more(100);
    await bed.startTemporal();
    await bed.startWorker();
    expect((await clients.report()).clientErrors).toBe(0);
    await allWell(bed, 'n1');
  });

  it('HA52 promotes nobody by surprise when a pause ends after the loss', async () => {
    await allWell(bed, 'n1');
    await watcher().executeUpdate(pauseWatchUpdate, { args: [{ by: 'ada', note: 'maintenance', forMs: 600_000 }] });
    await bed.kill('n1', 'tree');
    await watcherSays(bed, 'an alert that it is paused', closed('not-paused'));
    expect(await writableNodes(bed)).toEqual([]);
    await watcher().executeUpdate(resumeWatchUpdate, { args: [{ by: 'ada' }] });
    const alerted = await watcherSays(bed, 'an alert that it was lost before', closed('seen-well-before'));
    expect(alerted).toMatchObject({ failovers: 0, state: 'alert' });
    expect(await writableNodes(bed)).toEqual([]);
    const acted = await bed.pgconvoy('cluster', 'failover', bed.cluster, '--yes', '--by', 'ada');
    expect(acted).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^SUCCESS: n[23] is primary of cluster "main" in place of n1/) });
    operation = (await failoverEnd(bed)).operation;
  });

  it('HA51 HA56 alerts only within the cool-down, and a person may act', async () => {
    const primary = (await registeredPrimary(bed))!;
    await allWell(bed, primary);
    await bed.kill(primary, 'postmaster');
    const alerted = await watcherSays(bed, 'an alert of the cool-down', closed('cool-down-over'));
    expect(alerted.failovers).toBe(0);
    // HA4: what its postmaster left behind is gone by then.
    expect(alerted.finding?.evidence.classification.reason).toMatch(/with 0 processes left/);
    const acted = await bed.pgconvoy('cluster', 'failover', bed.cluster, '--to', 'n1', '--yes', '--by', 'ada');
    expect(acted).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('n1 is primary') });
    operation = (await failoverEnd(bed)).operation;
  });

  it('HA23 fails over by itself when the server is frozen, and the cool-down is over', async () => {
    await allWell(bed, 'n1');
    await editInventory(bed, (text) => text.replace(/coolDown: .*/, 'coolDown: 1s'));
    await using clients = await startClients(bed, 2);
    await clients.more(50);
    await bed.freeze('n1', 'server');
    const { promoted } = await promotedNode(bed, operation);
    expect(promoted).toMatchObject({ proof: 'process-tree-gone' });
    await clients.more(50);
    expect((await clients.report()).writable).toMatchObject({ exactlyOne: true });
    await bed.thaw('n1');
    await until('n1 to be back', async () => {
      await using session = await bed.session(promoted!.node);
      return (await session.row<{ count: number }>(`SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'`)).count === 2;
    });
  });
});
