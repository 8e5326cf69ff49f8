import { hostname } from 'node:os';

import { expect, it } from 'vitest';

import { migrationWorkflowId } from '../../workflows/messages.ts';
import { reachCopy } from '../support/bed-phases.ts';
import { until } from '../support/bed-wait.ts';
import { migrationBed } from '../support/migration-bed.ts';

it('a worker that is added while rows are copied takes its share', async () => {
  await using bed = await migrationBed();
  await using migration = await bed.migration();
  await using _first = await bed.startWorker(['--data-slots', '1']);
  // Its one slot waits for the row that is held, and so does every other step for a slot.
  const copyOn = await reachCopy(migration, 1);
  await using added = await bed.startWorker(['--role', 'data', '--data-slots', '1']);
  const handle = bed.client.workflow.getHandle(migrationWorkflowId(migration.name));
  const workingFor = async (): Promise<string[]> => ((await handle.describe()).raw.pendingActivities ?? []).map(({ lastWorkerIdentity }) => lastWorkerIdentity ?? '');
  await until('the added worker to have taken a step', async () => (await workingFor()).some((identity) => identity === `${hostname()}:${added.pid}:data`), workingFor);
  await copyOn();
  await migration.inState('completed');
  expect(await migration.result()).toMatchObject({ proof: { state: 'equal' } });
});
