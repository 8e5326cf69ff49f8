/**
 * Acceptance test 22: the agent, the worker or Temporal is killed at a step of a switchover. However that falls, it ends SUCCESS, INCOMPLETE or ABORTED, with
 * one primary, every node following it, and every acknowledged row.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { workflowResult } from '../../client/backups.ts';
import { startSwitchover, switchoverProgress, type SwitchoverResult } from '../../client/clusters.ts';
import { clusterHolder } from '../../catalog/cluster/lock.ts';
import { startWriters } from '../activities/cluster/window-writers.ts';
import { until } from '../support/bed-wait.ts';
import { openClusterBed, type ClusterBed } from '../support/cluster-bed.ts';
import { applicationOf, lostOf, primaryIn, rolesOf } from './switchover-bed.ts';

const ENTRY = { watch: { automaticFailover: false, coolDown: '0s' }, window: { budget: '60s', silence: '30s' }, lease: { selfStop: '60s' } };

type Victim = 'agent' | 'worker' | 'temporal';

describe('a planned switchover during which something is killed', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ entry: ENTRY });
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  const kill = async (victim: Victim, node: string): Promise<void> => {
    if (victim === 'agent') {
      await bed.killAgent(node);
      await bed.startAgent(node);
    } else if (victim === 'worker') {
      await bed.killWorker();
      await bed.startWorker();
    } else {
      await bed.killTemporal();
      // Its port is free when the kernel has buried it.
      await until('Temporal to start again', () => bed.startTemporal().then(() => true, () => false));
    }
  };

  it.each<[Victim, string]>([
    ['agent', 'prepare'],
    ['temporal', 'prepare'],
    ['agent', 'drain'],
    ['worker', 'drain'],
    ['temporal', 'drain'],
    ['agent', 'start-old-as-standby'],
    ['worker', 'start-old-as-standby'],
  ])('ends in a known state when the %s is killed at %s', async (victim, at) => {
    await until('everybody to follow', async () => Object.values(await rolesOf(bed)).filter((role) => role.startsWith('standby of n')).length === 2);
    const from = primaryIn(await rolesOf(bed))!;
    const application = await applicationOf(bed);
    const writers = startWriters(2, application.places, application.database);
    await writers.more(5);
    const started = await startSwitchover(bed.client, { cluster: bed.cluster, requestedBy: 'a test', ignoreCoolDown: true });
    const reached = async (): Promise<boolean> => (await switchoverProgress(bed.client, started))?.events.some(({ step }) => step === at) === true;
    while (!(await reached())) await sleep(3);
    await kill(victim, from);
    const result = await until('the switchover to end', () => workflowResult<SwitchoverResult>(bed.client, started).catch(() => undefined));
    expect(['SUCCESS', 'INCOMPLETE', 'ABORTED']).toContain(result.end);
    await until('one primary that everybody follows', async () => {
      const roles = Object.values(await rolesOf(bed));
      return roles.filter((role) => role === 'primary').length === 1 && roles.filter((role) => role.startsWith('standby of n')).length === 2;
    });
    const now = primaryIn(await rolesOf(bed))!;
    expect(now === from).toBe(result.end === 'ABORTED');
    await writers.more(5);
    const { acknowledged } = await writers.stop();
    expect(await lostOf(bed, now, acknowledged)).toEqual([]);
    expect(await clusterHolder(bed.catalog, bed.cluster)).toBeUndefined();
  });
});
