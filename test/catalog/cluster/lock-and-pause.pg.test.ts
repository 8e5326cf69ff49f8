import { afterAll, beforeAll, expect, it } from 'vitest';

import { clusterHolder, releaseCluster, seizeCluster, takeCluster } from '../../../catalog/cluster/lock.ts';
import { listNodes, readSystemIdentifier, recordCluster, registerNode, unregisterNode } from '../../../catalog/cluster/nodes.ts';
import { pauseCluster, readPause, resumeCluster } from '../../../catalog/cluster/pause.ts';
import { listRoleChanges, recordRoleChange } from '../../../catalog/cluster/role-changes.ts';
import { epochOf } from '../../../domain/cluster/epoch.ts';
import type { NodeDeclaration } from '../../../domain/cluster/node.ts';
import { freshCatalog, type FreshCatalog } from '../fresh-catalog.ts';

let fresh: FreshCatalog;
beforeAll(async () => {
  fresh = await freshCatalog();
  for (const name of ['shop', 'mail']) await recordCluster(fresh.catalog, name, '7000000000000000001');
});
afterAll(() => fresh[Symbol.asyncDispose]());

const wanted = (operation: string) => ({ operation, workflowId: `cluster/shop/${operation}`, purpose: `switchover by ${operation}` });
const declaration: NodeDeclaration = { name: 'n1', role: 'primary', machine: 'm1', location: 'here', priority: 100, applicationName: 'n1', upstream: null, applyDelayMs: 0 };

it('has one holder, however many ask at once, and says who it is', async () => {
  const { catalog } = fresh;
  const holders = await Promise.all(['a', 'b', 'c'].map((operation) => takeCluster(catalog, 'shop', wanted(operation))));
  expect(new Set(holders.map(({ operation }) => operation)).size).toBe(1);
  const { operation } = holders[0]!;
  expect(await clusterHolder(catalog, 'shop')).toMatchObject(wanted(operation));
  const [other, third] = ['a', 'b', 'c'].filter((one) => one !== operation) as [string, string];
  expect(await seizeCluster(catalog, 'shop', third, wanted(other))).toBe(false);
  expect(await seizeCluster(catalog, 'shop', operation, wanted(other))).toBe(true);
  await releaseCluster(catalog, 'shop', operation); // it has lost it, so this frees nothing
  expect(await takeCluster(catalog, 'shop', wanted(third))).toMatchObject({ operation: other });
  await releaseCluster(catalog, 'shop', other);
  expect(await clusterHolder(catalog, 'shop')).toBeUndefined();
});

it('HA52 keeps a pause with its owner and its end; a person goes before a run, and a run lifts its own only', async () => {
  const { catalog } = fresh;
  expect(await readPause(catalog, 'shop')).toBeUndefined();
  expect(await pauseCluster(catalog, 'shop', { owner: 'ada', reason: 'disks', operation: null, forMs: 60_000 })).toMatchObject({ owner: 'ada', forMs: 60_000, resumedAgoMs: null });
  expect(await pauseCluster(catalog, 'shop', { owner: 'worker', reason: 'switchover', operation: 'op1', forMs: 1000 })).toMatchObject({ owner: 'ada', operation: null });
  expect(await resumeCluster(catalog, 'shop', 'op1')).toBe(false);
  expect(await resumeCluster(catalog, 'shop', null)).toBe(true);
  expect((await readPause(catalog, 'shop'))!.resumedAgoMs).toBeGreaterThanOrEqual(0);
  expect(await pauseCluster(catalog, 'shop', { owner: 'worker', reason: 'switchover', operation: 'op1', forMs: 1000 })).toMatchObject({ owner: 'worker', operation: 'op1', resumedAgoMs: null });
  expect(await resumeCluster(catalog, 'shop', 'op1')).toBe(true);
});

it('lets a run pause again once the pause of a person is over', async () => {
  const { catalog } = fresh;
  await pauseCluster(catalog, 'mail', { owner: 'ada', reason: 'short', operation: null, forMs: 1 });
  await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(await pauseCluster(catalog, 'mail', { owner: 'worker', reason: 'switchover', operation: 'op1', forMs: 1000 })).toMatchObject({ owner: 'worker' });
});

it('registers nodes with a version, once in one cluster, and a cluster with one system only', async () => {
  const { catalog } = fresh;
  expect(await registerNode(catalog, 'shop', declaration)).toBe(1);
  expect(await registerNode(catalog, 'shop', declaration)).toBe(1);
  expect(await registerNode(catalog, 'shop', { ...declaration, priority: 50 })).toBe(2);
  await expect(registerNode(catalog, 'mail', declaration)).rejects.toMatchObject({ code: 'cluster_unfit' });
  expect(await listNodes(catalog, 'shop')).toMatchObject([{ declaration: { name: 'n1', priority: 50 }, version: 2 }]);
  await unregisterNode(catalog, 'n1');
  expect(await listNodes(catalog, 'shop')).toEqual([]);
  await expect(recordCluster(catalog, 'shop', '7000000000000000002')).rejects.toMatchObject({ code: 'cluster_unfit' });
  expect(await readSystemIdentifier(catalog, 'shop')).toBe('7000000000000000001');
});

it('lists changes of roles, newest first, without the first primary', async () => {
  const { catalog } = fresh;
  const change = (epoch: number, fromNode: string | null, toNode: string) => ({ epoch: epochOf(epoch), operation: `op${epoch}`, fromNode, toNode, automatic: false, timeline: epoch });
  for (const one of [change(1, null, 'n1'), change(2, 'n1', 'n2'), change(3, 'n2', 'n1'), change(3, 'n2', 'n3')]) await recordRoleChange(catalog, 'shop', one);
  expect((await listRoleChanges(catalog, 'shop')).map(({ epoch, toNode, ageMs }) => [epoch, toNode, ageMs >= 0])).toEqual([[3, 'n1', true], [2, 'n2', true]]);
});
