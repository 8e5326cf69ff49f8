import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, it } from 'vitest';

import type { BedMigration } from '../../test/support/bed-migration.ts';
import { lockHeartbeat, reachCopy } from '../../test/support/bed-phases.ts';
import type { BedWorker } from '../../test/support/bed-worker.ts';
import { type MigrationBed, migrationBed, type MigrationWish } from '../../test/support/migration-bed.ts';
import { migrationWorkflowId } from '../../workflows/messages.ts';

const FOLDER = join(import.meta.dirname, '../../test/histories');

interface Path {
  readonly name: string;
  readonly wish?: MigrationWish;
  readonly walk: (migration: BedMigration, bed: MigrationBed) => Promise<void>;
}

const PATHS: readonly Path[] = [
  {
    name: 'completed-online',
    wish: { entry: { approval: 'required', commit: 'required' } },
    walk: async (migration) => {
      await migration.start();
      await migration.inState('waiting-for-approval');
      await migration.order('approve');
      await migration.inState('waiting-for-commit');
      await migration.order('commit');
      await migration.inState('completed');
    },
  },
  {
    name: 'completed-offline',
    walk: async (migration) => {
      await migration.start({ mode: 'offline' });
      await migration.inState('completed');
    },
  },
  {
    name: 'aborted-in-copy',
    walk: async (migration) => {
      const copyOn = await reachCopy(migration, 5);
      await migration.order('abort');
      await copyOn();
      await migration.inState('aborted');
    },
  },
  {
    name: 'snapshot-lost',
    walk: async (migration, { source }) => {
      const copyOn = await reachCopy(migration, 5);
      await source.restart('fast');
      await copyOn();
      await migration.inState('completed');
    },
  },
  {
    name: 'reverted-then-switched',
    wish: { entry: { approval: 'required' }, cutover: { budget: '2s', maxLag: '1GB' } },
    walk: async (migration) => {
      await migration.start();
      await migration.inState('waiting-for-approval');
      const apply = await migration.hold(await lockHeartbeat(migration));
      await migration.order('approve');
      await migration.until('the cutover', ({ phases }) => phases.find(({ phase }) => phase === 'cutover')?.state === 'done');
      await migration.inState('waiting-for-approval');
      await apply.release();
      await migration.order('approve');
      await migration.inState('completed');
    },
  },
];

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

it.each(PATHS)('$name', async ({ name, wish, walk }) => {
  await using migration = await bed.migration(wish);
  await migration.startApplication();
  await walk(migration, bed);
  await migration.result().catch(() => undefined);
  const handle = bed.client.workflow.getHandle(migrationWorkflowId(migration.name));
  // Stack traces name the checkout they came from; a replay does not look at them.
  const text = historyToJSON(await handle.fetchHistory()).replaceAll(join(import.meta.dirname, '../..', '/'), '');
  await writeFile(join(FOLDER, `${name}.json`), `${text}\n`);
});
