import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { listClaims } from '../../catalog/cluster/epochs.ts';
import { listRoleChanges } from '../../catalog/cluster/role-changes.ts';
import { failoverWorkflowId } from '../../workflows/messages.ts';
import { until } from '../support/bed-wait.ts';
import { type ClusterBed, openClusterBed } from '../support/cluster-bed.ts';
import { allWell, failoverEnd, registeredPrimary, startClients, watchUntilWell, writableNodes } from '../support/failover-stage.ts';

/** What is killed when a step of the failover has come so far. */
const BOUNDARIES = [
  { at: 'beginFailover is given', killed: 'worker' },
  { at: 'fenceNode is given', killed: 'agent of the lost primary' },
  { at: 'the epoch is claimed', killed: 'worker' },
  { at: 'recordPromotion is given', killed: 'worker' },
  { at: 'followNode is given', killed: 'Temporal' },
] as const;

describe('a failover of which something is killed on the way', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ entry: { watch: { coolDown: '1s', flapLimit: { count: 100 } } } });
    await watchUntilWell(bed, 'n1');
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  it.each(BOUNDARIES)('HA54 D ends with one primary when the $killed is killed as $at', async ({ at, killed }) => {
    const lost = (await registeredPrimary(bed))!;
    await allWell(bed, lost);
    await using clients = await startClients(bed, 2);
    await clients.more(20);
    const before = await newestOperation(bed);
    const claims = (await listClaims(bed.catalog, bed.cluster)).length;
    await bed.kill(lost, 'tree');
    await reached(bed, { at, before, claims });
    await strike(bed, killed, lost);
    const end = await until('the failover to end', () => endedAfter(bed, before));
    expect(end).toMatchObject({ from: lost, promoted: expect.objectContaining({ node: expect.any(String) }) });
    await clients.more(20);
    expect(await writableNodes(bed)).toEqual([end.promoted!.node]);
    expect((await clients.report()).writable).toMatchObject({ exactlyOne: true });
    expect((await listClaims(bed.catalog, bed.cluster)).length).toBe(claims + 1);
    const [change] = await listRoleChanges(bed.catalog, bed.cluster, 1);
    expect(change).toMatchObject({ operation: end.operation, fromNode: lost, toNode: end.promoted!.node, automatic: true });
    await until(`${lost} to stream again`, async () => {
      await using session = await bed.session(end.promoted!.node);
      return (await session.row<{ count: number }>(`SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'`)).count === 2;
    });
  });
});

const newestOperation = async (bed: ClusterBed): Promise<string | null> => (await listRoleChanges(bed.catalog, bed.cluster, 1))[0]?.operation ?? null;

/** The end of the failover that is not the one before; undefined while it goes on, or Temporal is away. */
async function endedAfter(bed: ClusterBed, before: string | null) {
  try {
    if ((await bed.client.workflow.getHandle(failoverWorkflowId(bed.cluster)).describe()).status.name === 'RUNNING') return undefined;
    const end = await failoverEnd(bed);
    return end.operation === before ? undefined : end;
  } catch {
    return undefined;
  }
}

/** Looks often: what is to be met lasts milliseconds. */
async function reached(bed: ClusterBed, { at, before, claims }: { at: string; before: string | null; claims: number }): Promise<void> {
  const [activity] = at.split(' ');
  for (const begun = performance.now(); performance.now() - begun < 120_000; await sleep(3)) {
    if (at === 'the epoch is claimed') {
      if ((await listClaims(bed.catalog, bed.cluster)).length > claims) return;
      continue;
    }
    const handle = bed.client.workflow.getHandle(failoverWorkflowId(bed.cluster));
    const description = await handle.describe().catch(() => undefined);
    if (description === undefined || (description.status.name !== 'RUNNING' && (await endedAfter(bed, before)) === undefined)) continue;
    const { events } = await handle.fetchHistory();
    if (events?.some(({ activityTaskScheduledEventAttributes: given }) => given?.activityType?.name === activity) === true) return;
  }
  throw new Error(`it never came to this: ${at}`);
}

async function strike(bed: ClusterBed, what: (typeof BOUNDARIES)[number]['killed'], lost: string): Promise<void> {
  switch (what) {
    case 'worker':
      await bed.killWorker();
      await bed.startWorker();
      return;
    case 'agent of the lost primary':
      await bed.killAgent(lost);
      await bed.startAgent(lost);
      return;
    case 'Temporal':
      await bed.killTemporal();
      await until('Temporal to be back', () => bed.startTemporal().then(() => true, () => false));
  }
}
