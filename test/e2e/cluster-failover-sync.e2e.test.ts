import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { failoverProgress } from '../../client/clusters.ts';
import { acceptLossUpdate, failoverWorkflowId } from '../../workflows/messages.ts';
import { type ClusterBed, openClusterBed } from '../support/cluster-bed.ts';
import { allWell, failoverEnd, promotedNode, registeredPrimary, startClients, watcherSays, watchUntilWell, writableNodes } from '../support/failover-stage.ts';
import { until } from '../support/bed-wait.ts';

/** As `cluster sync` would. */
async function setNames(bed: ClusterBed, node: string, names: string): Promise<void> {
  await using session = await bed.session(node);
  await session.execute(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
  await session.execute('SELECT pg_reload_conf()');
}

describe('a synchronous cluster that loses its primary', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ entry: { synchronous: { mode: 'any', count: 1 }, watch: { coolDown: '1s' } } });
    await setNames(bed, 'n1', 'ANY 1 (n2, n3)');
    await watchUntilWell(bed, 'n1');
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  it('R2 HA31 loses no acknowledged write, and never has two that take writes', async () => {
    await using clients = await startClients(bed);
    await clients.more(200);
    await bed.kill('n1', 'tree');
    const progress = await promotedNode(bed);
    await clients.more(200);
    const report = await clients.report();
    expect(report.ledger.lost).toEqual([]);
    expect(report.writable).toMatchObject({ exactlyOne: true });
    expect(progress).toMatchObject({ from: 'n1', promoted: { proof: 'process-tree-gone' } });
    expect(await writableNodes(bed)).toEqual([progress.promoted!.node]);
    expect(await registeredPrimary(bed)).toBe(progress.promoted!.node);
    await using session = await bed.session(progress.promoted!.node);
    const { names } = await session.row<{ names: string }>(`SELECT current_setting('synchronous_standby_names') AS names`);
    expect(names).toMatch(/^ANY 1 /);
    expect(names).not.toContain(`"${progress.promoted!.node}"`);
  });

  it('R50 HA54 gets the lost one back as a standby, without anybody doing anything', async () => {
    const end = await failoverEnd(bed);
    expect(end).toMatchObject({ from: 'n1' });
    await until('n1 to stream again', async () => {
      await using session = await bed.session(end.promoted!.node);
      return (await session.row<{ count: number }>(`SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'`)).count === 2;
    });
  });

  it('HA33 promotes nobody when the only other one that can have confirmed is lost too, and says why with its arithmetic', async () => {
    const primary = (await registeredPrimary(bed))!;
    await allWell(bed, primary);
    const { operation } = await failoverEnd(bed);
    const [other] = bed.nodes.map(({ name }) => name).filter((name) => name !== primary);
    await bed.killAgent(other!);
    await bed.kill(other!, 'tree');
    await bed.kill(primary, 'tree');
    const alerted = await watcherSays(bed, 'an alert', ({ finding, state }) => (finding?.alert ?? null) !== null && state === 'alert');
    expect(alerted.finding).toMatchObject({ evidence: { classification: { class: 'partition' } } });
    const forecast = await bed.pgconvoy('cluster', 'failover', bed.cluster, '--force', '--dry-run');
    expect(forecast.stdout).toContain('R + W > N: 1 + 1 > 2 does not hold.');
    expect(forecast.exitCode).toBe(4);
    expect(await writableNodes(bed)).toEqual([]);
    const started = await bed.pgconvoy('cluster', 'failover', bed.cluster, '--force', '--yes', '--no-wait', '--by', 'ada');
    expect(started).toMatchObject({ exitCode: 0 });
    const waiting = await until('it to wait', async () => {
      const progress = await failoverProgress(bed.client, bed.cluster);
      return progress !== undefined && progress.operation !== operation && progress.standstill?.rule === 'quorum-not-readable' ? progress : undefined;
    });
    expect(waiting.standstill).toMatchObject({ quorum: { readable: 1, written: 1, total: 2, holds: false }, excluded: expect.arrayContaining([expect.objectContaining({ node: primary, rule: 'lost-primary' })]) });
    await bed.client.workflow.getHandle(failoverWorkflowId(bed.cluster)).executeUpdate(acceptLossUpdate, { args: [{ by: 'ada', note: 'the other two are gone' }] });
    const promoted = await promotedNode(bed, operation);
    expect([primary, other]).not.toContain(promoted.promoted!.node);
  });
});
