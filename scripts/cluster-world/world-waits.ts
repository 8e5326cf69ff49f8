import { setTimeout as sleep } from 'node:timers/promises';

import { openAsker } from '../../catalog/cluster/asker.ts';
import { CONTROL_QUEUE, switchoverWorkflowId } from '../../workflows/messages.ts';
import type { ClusterWorld } from './cluster-world.ts';
import type { WorldProbe } from './world-probe.ts';

/** Asked of the cluster itself: the node that takes writes, and how many stream from it on its timeline. */
export async function standing(world: ClusterWorld): Promise<{ readonly primary: string | null; readonly streaming: number }> {
  const found = await Promise.all(
    world.nodes.map(async ({ name }) => {
      try {
        await using session = await world.session(name);
        return await session.row<{ name: string; recovery: boolean; streaming: number }>(`SELECT '${name}' AS name, pg_is_in_recovery() AS recovery, (SELECT count(*)::int FROM pg_stat_replication WHERE state = 'streaming' AND application_name = ANY ($1)) AS streaming`, [world.nodes.map((node) => node.name)]);
      } catch {
        return undefined;
      }
    }),
  );
  const writable = found.filter((one) => one !== undefined && !one.recovery);
  return writable.length === 1 ? { primary: writable[0]!.name, streaming: writable[0]!.streaming } : { primary: null, streaming: 0 };
}

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 120_000;

/** Waits until it is so; false after two minutes. */
export async function waitFor(ask: () => Promise<boolean> | boolean): Promise<boolean> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(LOOK_EVERY_MS)) {
    if (await ask()) return true;
  }
  return false;
}

/** Everybody streams from one primary, and the agents say so too. */
export async function waitUntilWhole(world: ClusterWorld): Promise<string> {
  let primary: string | null = null;
  await using asker = await openAsker(world.catalog, world.cluster);
  const whole = await waitFor(async () => {
    const now = await standing(world);
    primary = now.primary;
    if (now.primary === null || now.streaming < world.nodes.length - 1) return false;
    return (await asker.askAll(world.nodes.map(({ name }) => name), 1000)).reports.length === world.nodes.length;
  });
  if (!whole || primary === null) throw new Error(`the cluster does not become whole: ${JSON.stringify(await standing(world))}`);
  return primary;
}

/** Until so many more writes are acknowledged. */
export const moreAcks = (probe: WorldProbe, count: number): Promise<boolean> => {
  const goal = probe.status().acked + count;
  return waitFor(() => probe.status().acked >= goal);
};

/** A planned switchover, to its end; throws when it was taken back. */
export async function switchOver({ client, cluster }: ClusterWorld, requestedBy: string): Promise<object> {
  const result = await client.workflow.execute<(input: object) => Promise<{ readonly end: string }>>('switchOverCluster', { workflowId: switchoverWorkflowId(cluster), taskQueue: CONTROL_QUEUE, args: [{ cluster, requestedBy, ignoreCoolDown: true }] });
  if (result.end === 'ABORTED') throw new Error(`the switchover was taken back: ${JSON.stringify(result)}`);
  return result;
}

/** Another node takes writes, and all others stream from it; gives whether that came about in time. */
export const waitUntilOther = (world: ClusterWorld, before: string): Promise<boolean> =>
  waitFor(async () => {
    const now = await standing(world);
    return now.primary !== null && now.primary !== before && now.streaming === world.nodes.length - 1;
  });
