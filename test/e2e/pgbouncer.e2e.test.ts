import { copyFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { pgbouncerProgram } from '../../config/program-folders.ts';
import type { MigrationProgress } from '../../domain/migration/progress.ts';
import { lockHeartbeat } from '../support/bed-phases.ts';
import { bedPool } from '../support/bed-pool.ts';
import { until } from '../support/bed-wait.ts';
import { pooledMigration, type PooledMigration } from '../support/pooled-application.ts';

const beds = bedPool({}, 1);
afterAll(() => beds[Symbol.asyncDispose]());

const ASKED = { entry: { approval: 'required' }, cutover: { budget: '3s', maxLag: '1GB' } } as const;

/** Not over before a worker is killed in it, however busy the machine is. */
const LONG = { ...ASKED, cutover: { ...ASKED.cutover, budget: '15s' } } as const;

/** The run is over, and all that the application noticed was a longer wait. */
async function expectUnnoticed(pooled: PooledMigration): Promise<void> {
  await pooled.migration.inState('completed');
  expect(await pooled.migration.result()).toMatchObject({ outcome: 'switched' });
  expect(await pooled.isPaused()).toBe(false);
  await pooled.written();
  const { summary, verdict } = await pooled.judgeOn('target');
  expect(summary).toMatchObject({ failed: 0, ambiguous: 0, failuresBySqlstate: {}, connectFailuresBySqlstate: {} });
  expect(verdict).toMatchObject({ lost: [], duplicated: [], torn: [], unexplained: [] });
}

async function approve(pooled: PooledMigration): Promise<void> {
  await pooled.migration.inState('waiting-for-approval');
  await pooled.migration.order('approve');
}

/** Gives what the run says of the window that was taken back. */
async function reverted(pooled: PooledMigration): Promise<string> {
  const takenBack = ({ phases }: MigrationProgress): string | undefined => phases.find(({ phase, detail }) => phase === 'cutover' && detail?.startsWith('taken back'))?.detail;
  return takenBack(await pooled.migration.until('a window taken back', (now) => takenBack(now) !== undefined)) ?? '';
}

describe.skipIf(pgbouncerProgram() === undefined)('an application behind PgBouncer', () => {
  it('is led to the target without one failed transaction', () =>
    beds.use(async (bed) => {
      await using pooled = await pooledMigration(bed);
      await using _worker = await bed.startWorker();
      await pooled.migration.start();
      await expectUnnoticed(pooled);
      expect((await pooled.migration.result()).proof).toMatchObject({ state: 'equal' });
    }));

  it('goes on at the source when the window is taken back, and is led to the target by the next', () =>
    beds.use(async (bed) => {
      await using pooled = await pooledMigration(bed, ASKED);
      await using _worker = await bed.startWorker();
      await pooled.migration.start();
      await pooled.migration.inState('waiting-for-approval');
      const stuck = await pooled.migration.hold(await lockHeartbeat(pooled.migration));
      await pooled.migration.order('approve');
      await until('the hold', pooled.isPaused);
      await reverted(pooled);
      await pooled.written();
      expect(await pooled.migration.isOpen()).toBe(true);
      await stuck.release();
      await approve(pooled);
      await expectUnnoticed(pooled);
    }));

  it('is held back no longer than the budget by a transaction that does not end, which is left alone', () =>
    beds.use(async (bed) => {
      await using pooled = await pooledMigration(bed, ASKED);
      await using _worker = await bed.startWorker();
      const open = await pooled.client();
      await pooled.migration.start();
      await pooled.migration.inState('waiting-for-approval');
      await open.query('BEGIN');
      await open.query('SELECT 1');
      await pooled.migration.order('approve');
      expect(await reverted(pooled)).toContain('did not end in time');
      await pooled.written();
      expect((await open.query('COMMIT')).command).toBe('COMMIT');
      await approve(pooled);
      await expectUnnoticed(pooled);
    }));

  it.each(['PAUSE waits', 'the source is fenced'])('is let go on by the successor of a worker that is killed while %s', (moment) =>
    beds.use(async (bed) => {
      await using pooled = await pooledMigration(bed, LONG);
      await using killed = await bed.startWorker();
      const open = await pooled.client();
      await pooled.migration.start();
      await pooled.migration.inState('waiting-for-approval');
      const stuck = await pooled.migration.hold(await lockHeartbeat(pooled.migration));
      if (moment === 'PAUSE waits') await open.query('BEGIN; SELECT 1');
      await pooled.migration.order('approve');
      await until('the moment', moment === 'PAUSE waits' ? pooled.isPaused : async () => !(await pooled.migration.isOpen()));
      await killed.kill();
      expect(await pooled.isPaused()).toBe(true);
      await using _next = await bed.startWorker();
      await until('RESUME', async () => !(await pooled.isPaused()));
      await pooled.written();
      if (moment === 'PAUSE waits') await open.query('COMMIT');
      await stuck.release();
      await approve(pooled);
      await expectUnnoticed(pooled);
    }),
  );

  it('waits while the entry cannot be switched, and goes on at the target when that is mended', () =>
    beds.use(async (bed) => {
      const copy = join(bed.folder, 'pgbouncer-other.ini');
      await using pooled = await pooledMigration(bed, { route: { configFile: copy } });
      await copyFile(pooled.pooler.configFile, copy);
      await using _worker = await bed.startWorker();
      await pooled.migration.start();
      const { problem } = await pooled.migration.inState('parked');
      expect(JSON.stringify(problem)).toContain(copy);
      expect(await pooled.isPaused()).toBe(true);
      await rm(copy, { force: true });
      await symlink(pooled.pooler.configFile, copy);
      await pooled.migration.order('resume');
      await expectUnnoticed(pooled);
    }));

  it('is let go on by an abort, when nobody was there to take the window back', () =>
    beds.use(async (bed) => {
      await using pooled = await pooledMigration(bed, LONG);
      await using killed = await bed.startWorker();
      await pooled.migration.start();
      await pooled.migration.inState('waiting-for-approval');
      await using stuck = await pooled.migration.hold(await lockHeartbeat(pooled.migration));
      await pooled.migration.order('approve');
      await until('the fence', async () => !(await pooled.migration.isOpen()));
      await killed.kill();
      await stuck.release();
      // Heard by the next worker only.
      const aborting = pooled.migration.order('abort');
      await using _next = await bed.startWorker();
      await aborting;
      await pooled.migration.inState('aborted');
      expect(await pooled.isPaused()).toBe(false);
      await pooled.written();
      const { summary, verdict } = await pooled.judgeOn('source');
      expect(summary).toMatchObject({ failed: 0, connectFailuresBySqlstate: {} });
      expect(verdict).toMatchObject({ lost: [], duplicated: [], torn: [], unexplained: [] });
    }));
});
