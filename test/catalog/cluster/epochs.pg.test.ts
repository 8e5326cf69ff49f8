import { afterAll, beforeAll, expect, it } from 'vitest';

import { claimOver, claimPromotion, highestEpoch, listClaims, reserveEpoch } from '../../../catalog/cluster/epochs.ts';
import { recordCluster } from '../../../catalog/cluster/nodes.ts';
import { connect } from '../../../postgres/connection.ts';
import { freshCatalog, type FreshCatalog } from '../fresh-catalog.ts';

let fresh: FreshCatalog;
beforeAll(async () => {
  fresh = await freshCatalog();
});
afterAll(() => fresh[Symbol.asyncDispose]());

/** A cluster of a test's own. */
async function cluster(name: string): Promise<string> {
  await recordCluster(fresh.catalog, name, '7000000000000000001');
  return name;
}

it('gives each operation an epoch of its own, higher than all before, and the same one again', async () => {
  const name = await cluster('first');
  expect(await highestEpoch(fresh.catalog, name)).toBeNull();
  const reserved = await Promise.all(['a', 'b', 'c', 'd'].map((operation) => reserveEpoch(fresh.catalog, name, operation)));
  expect(reserved.toSorted()).toEqual([1, 2, 3, 4]);
  expect(await reserveEpoch(fresh.catalog, name, 'b')).toBe(reserved[1]);
  expect(await highestEpoch(fresh.catalog, name)).toBe(4);
});

it('counts the epochs of each cluster apart', async () => {
  const [one, two] = [await cluster('one'), await cluster('two')];
  await reserveEpoch(fresh.catalog, one, 'a');
  expect(await reserveEpoch(fresh.catalog, two, 'a')).toBe(1);
});

it('HA1 lets one node be promoted in an epoch, whoever asks at the same moment, and answers the same again', async () => {
  const name = await cluster('race');
  const epoch = await reserveEpoch(fresh.catalog, name, 'a');
  const nodes = ['n1', 'n2', 'n3', 'n4'];
  const verdicts = await Promise.all(nodes.map((node) => claimPromotion(fresh.catalog, name, { epoch, operation: 'a', node })));
  expect(verdicts.filter(({ verdict }) => verdict === 'granted')).toHaveLength(1);
  const winner = nodes[verdicts.findIndex(({ verdict }) => verdict === 'granted')]!;
  for (const [index, verdict] of verdicts.entries()) if (nodes[index] !== winner) expect(verdict).toMatchObject({ verdict: 'refused', rule: 'epoch-taken', holder: { node: winner } });
  expect(await claimPromotion(fresh.catalog, name, { epoch, operation: 'a', node: winner })).toEqual({ verdict: 'already-yours' });
  expect(await listClaims(fresh.catalog, name)).toEqual([{ epoch, operation: 'a', node: winner }]);
});

it('refuses a claim of an epoch that a later claim has passed, or that another operation reserved', async () => {
  const name = await cluster('passed');
  const old = await reserveEpoch(fresh.catalog, name, 'old');
  const young = await reserveEpoch(fresh.catalog, name, 'young');
  expect(await claimPromotion(fresh.catalog, name, { epoch: young, operation: 'old', node: 'n2' })).toMatchObject({ verdict: 'refused', rule: 'epoch-taken', holder: { operation: 'young' } });
  await using session = await connect(fresh.database.server, { purpose: 'test', database: fresh.database.name });
  expect(await claimOver(session, name, { epoch: young, operation: 'young', node: 'n2' })).toEqual({ verdict: 'granted' });
  expect(await claimPromotion(fresh.catalog, name, { epoch: old, operation: 'old', node: 'n3' })).toMatchObject({ verdict: 'refused', rule: 'epoch-superseded', holder: { epoch: young } });
});
