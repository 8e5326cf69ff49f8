import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { WorkflowFailedError } from '@temporalio/client';

import { fromFailure } from '../../client/migrations.ts';
import { CONTROL_QUEUE } from '../../workflows/messages.ts';
import { reachCopy } from '../support/bed-phases.ts';
import type { BedWorker } from '../support/bed-worker.ts';
import { type MigrationBed, migrationBed } from '../support/migration-bed.ts';

let bed: MigrationBed;
let worker: BedWorker;
beforeAll(async () => {
  bed = await migrationBed();
  worker = await bed.startWorker();
});
afterAll(async () => {
  await worker.terminate();
  await bed[Symbol.asyncDispose]();
});

const refused = { code: 'not_now', detail: expect.stringContaining('It is ') };

/** What a person would start by hand in the Temporal UI, and how it ends. */
async function startByHand(workflowType: string, input: unknown): Promise<unknown> {
  const handle = await bed.client.workflow.start(workflowType, { workflowId: `by hand ${Math.random()}`, taskQueue: CONTROL_QUEUE, args: [input] });
  const error: unknown = await handle.result().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return fromFailure(error);
}

describe('orders', () => {
  it('are taken when they fit and refused when not: pause, resume, approve, commit, and a second start', async () => {
    await using migration = await bed.migration({ entry: { approval: 'required', commit: 'required' } });
    const copyOn = await reachCopy(migration, 5);
    await expect(migration.start()).rejects.toMatchObject({ code: 'already_running' });
    for (const order of ['approve', 'commit', 'resume'] as const) await expect(migration.order(order)).rejects.toMatchObject(refused);

    expect(await migration.order('pause')).toMatchObject({ accepted: true, order: 'pause' });
    await copyOn();
    await migration.inState('paused');
    await expect(migration.order('pause')).rejects.toMatchObject(refused);
    await migration.order('resume');
    await migration.inState('waiting-for-approval');
    await expect(migration.order('commit')).rejects.toMatchObject(refused);
    await migration.order('pause');
    expect((await migration.progress()).next).toContain(`before \`pgconvoy migrate resume ${migration.name}\``);
    await migration.order('resume');
    expect((await migration.progress()).next).not.toContain('resume');

    await migration.order('approve');
    await migration.inState('waiting-for-commit');
    for (const order of ['approve', 'abort', 'pause'] as const) await expect(migration.order(order)).rejects.toMatchObject(refused);
    await migration.order('commit');
    await migration.inState('completed');
    expect(await migration.differences()).toEqual([]);
    for (const order of ['abort', 'resume'] as const) await expect(migration.order(order)).rejects.toMatchObject({ code: 'run_unknown' });
  });

  it('for a migration that never was are refused with its name', async () => {
    await using migration = await bed.migration();
    await expect(migration.order('approve')).rejects.toMatchObject({ code: 'run_unknown', message: expect.stringContaining(migration.name) });
  });
});

describe('a start', () => {
  it.each([
    [{ migration: 'shop', mdoe: 'online' }, /mdoe/],
    [{ migration: 'shop', mode: 'sideways' }, /^mode: /],
    [{ migration: '' }, /^migration: /],
    [{}, /^migration: /],
    ['shop', /^input: /],
    [undefined, /^migration: /],
  ])('with %j fails at once and says which field is wrong', async (input, expected) => {
    expect(await startByHand('migrateDatabase', input)).toMatchObject({ code: 'input_invalid', detail: expect.stringMatching(expected), hint: expect.stringContaining('{"migration":') });
  });

  it('of a workflow type that there is not fails at once and names those there are', async () => {
    expect(await startByHand('migrateDatabse', { migration: 'shop' })).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('migrateDatabse'), hint: expect.stringContaining('migrateDatabase') });
  });

  it('of a migration that is not in the inventory fails at once', async () => {
    expect(await startByHand('migrateDatabase', { migration: 'shopp' })).toMatchObject({ code: 'name_unknown', message: expect.stringContaining('shopp') });
  });
});
