import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';

import { backfillSchedule, pauseSchedule, resumeSchedule, triggerSchedule } from '../../client/schedule-orders.ts';
import { reportSchedules } from '../../client/schedule-reports.ts';
import { applySchedules, describe, handleOf, planSchedules, type DeclaredSchedule } from '../../client/schedules.ts';
import { parseCron } from '../../domain/backup/cron.ts';
import { startBedTemporal, type BedTemporal } from '../support/bed-temporal.ts';
import { until } from '../support/bed-wait.ts';

interface Stage extends AsyncDisposable {
  readonly client: Client;
  readonly temporal: BedTemporal;
}

/** A Temporal server of the test's own: `apply` removes what is not declared, and is not to meet another test. */
async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-schedules-'));
  const temporal = await startBedTemporal(folder);
  const connection = await Connection.connect({ address: temporal.address });
  return {
    client: new Client({ connection }),
    temporal,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await temporal.kill();
      await rm(folder, { recursive: true });
    },
  };
}

const declare = (policy: string, rest: Partial<DeclaredSchedule> & { cron?: string } = {}): DeclaredSchedule => {
  const { cron = '30 3 * * *', ...fields } = rest;
  return { policy, times: parseCron(cron)!, timeZone: 'Europe/Berlin', catchUpMs: 6 * 3_600_000, jitterMs: 0, policyHash: 'aaaa', ...fields };
};

const changesOf = (plans: readonly { policy: string; change: string }[]): Record<string, string> => Object.fromEntries(plans.map(({ policy, change }) => [policy, change]));

it('puts declared policies in force once, changes what was changed, and removes what is not declared any more', async () => {
  await using stage = await openStage();
  const { client } = stage;
  const declared = [declare('shop'), declare('blog', { cron: '*/20 1-3 * * MON-FRI', jitterMs: 300_000 })];
  expect(changesOf(await planSchedules(client, declared))).toEqual({ shop: 'create', blog: 'create' });
  expect(await describe(client, 'shop')).toBeUndefined();

  expect(changesOf(await applySchedules(client, declared))).toEqual({ shop: 'create', blog: 'create' });
  expect(await describe(client, 'shop')).toMatchObject({
    policies: { overlap: 'SKIP', catchupWindow: 21_600_000 },
    spec: { timezone: 'Europe/Berlin' },
    action: { workflowType: 'backUpServer', workflowId: 'backup/shop', taskQueue: 'pgconvoy', args: [{ policy: 'shop', requestedBy: 'schedule' }], memo: { pgconvoyPolicy: 'aaaa' } },
    state: { note: expect.stringContaining('30 3 * * * in Europe/Berlin; aaaa') },
  });
  expect((await describe(client, 'blog'))?.info.nextActionTimes.length).toBeGreaterThan(0);
  await until('both schedules to be listed', async () => (await planSchedules(client, [])).length === 2);
  expect(changesOf(await applySchedules(client, declared))).toEqual({ shop: 'in force', blog: 'in force' });

  const changed = [declare('shop', { cron: '0 4 * * *', catchUpMs: 3_600_000 })];
  const [shop] = await planSchedules(client, changed);
  expect(shop).toEqual({ policy: 'shop', change: 'update', drift: [{ what: 'cron', declared: '0 4 * * *', actual: '30 3 * * *' }, { what: 'catchUpWindow', declared: '1 hour', actual: '6 hours' }] });
  expect(changesOf(await applySchedules(client, changed))).toEqual({ shop: 'update', blog: 'delete' });
  expect(changesOf(await applySchedules(client, changed))).toEqual({ shop: 'in force' });
  expect(await describe(client, 'blog')).toBeUndefined();
});

it('a schedule that somebody changed by hand is told and put right; one that is not ours is left alone', async () => {
  await using stage = await openStage();
  const { client } = stage;
  await applySchedules(client, [declare('shop')]);
  await client.schedule.create({ scheduleId: 'backup/theirs', spec: { cronExpressions: ['0 0 * * *'] }, action: { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs' } });
  await handleOf(client, 'shop').update((previous) => ({ ...previous, spec: { cronExpressions: ['0 5 * * *'], timezone: 'UTC' }, policies: { ...previous.policies, overlap: 'ALLOW_ALL' } }));
  const drift = [{ what: 'cron', declared: '30 3 * * *', actual: '0 5 * * *' }, { what: 'timeZone', declared: 'Europe/Berlin', actual: 'UTC' }, { what: 'overlap', declared: 'SKIP', actual: 'ALLOW_ALL' }];
  await until('the schedules to be listed', async () => (await reportSchedules(client, [])).length === 1);
  expect(await reportSchedules(client, [declare('shop')])).toMatchObject([{ policy: 'shop', state: 'differs', drift }]);
  expect(changesOf(await applySchedules(client, [declare('shop')]))).toEqual({ shop: 'update' });
  expect(await reportSchedules(client, [declare('shop')])).toMatchObject([{ policy: 'shop', state: 'in force', drift: [] }]);
  expect(await describe(client, 'theirs')).toMatchObject({ action: { workflowType: 'theirs' } });
});

it('stays paused, with its reason, whatever is applied and however often Temporal is killed', async () => {
  await using stage = await openStage();
  const { client, temporal } = stage;
  await applySchedules(client, [declare('shop')]);
  await pauseSchedule(client, 'shop', 'the disk is being changed (ada)');
  await applySchedules(client, [declare('shop', { cron: '0 4 * * *' })]);
  await temporal.kill();
  await temporal.start();
  const report = async () => (await reportSchedules(client, [declare('shop', { cron: '0 4 * * *' })]))[0];
  await until('Temporal to serve again', async () => await report().then(() => true, () => undefined));
  expect(await report()).toMatchObject({ state: 'paused', note: 'the disk is being changed (ada)', next: [] });
  await resumeSchedule(client, 'shop', 'done (ada)');
  expect(await report()).toMatchObject({ state: 'in force', paused: false });
  expect((await report())?.next).toHaveLength(3);
});

it('runs now when triggered, passes over what comes while one runs, and makes up for a period one after the other', async () => {
  await using stage = await openStage();
  const { client } = stage;
  await applySchedules(client, [declare('shop')]);
  expect(await triggerSchedule(client, 'shop')).toEqual({ skipped: false });
  const running = await until('the run to be started', async () => {
    const { info } = (await describe(client, 'shop'))!;
    return info.runningActions.length === 1 ? info.runningActions[0]!.workflow : undefined;
  });
  expect(running.workflowId).toMatch(/^backup\/shop-2/);
  expect(await triggerSchedule(client, 'shop')).toEqual({ skipped: true });
  await until('the second to be passed over', async () => (await reportSchedules(client, [declare('shop')]))[0]!.skipped === 1);

  // Nobody works here, so that every run goes on until it is ended.
  await backfillSchedule(client, 'shop', { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-11-03T12:00:00Z') });
  const ended = new Set<string>();
  await until('three nights to be made up for', async () => {
    const [now] = (await describe(client, 'shop'))!.info.runningActions;
    if (now !== undefined && !ended.has(now.workflow.workflowId)) {
      ended.add(now.workflow.workflowId);
      await client.workflow.getHandle(now.workflow.workflowId).terminate();
    }
    return ended.size === 4;
  });
  expect([...ended].slice(1)).toEqual(['backup/shop-2026-11-01T02:30:00Z', 'backup/shop-2026-11-02T02:30:00Z', 'backup/shop-2026-11-03T02:30:00Z']);
  expect((await reportSchedules(client, [declare('shop')]))[0]?.last).toMatchObject({ workflowId: 'backup/shop-2026-11-03T02:30:00Z', status: 'terminated' });
});

it('does not know a schedule that was never applied', async () => {
  await using stage = await openStage();
  for (const order of [pauseSchedule(stage.client, 'nope', ''), resumeSchedule(stage.client, 'nope', ''), triggerSchedule(stage.client, 'nope')]) await expect(order).rejects.toMatchObject({ code: 'schedule_unknown' });
});
