import { afterAll, describe, expect, it } from 'vitest';

import type { BedMigration } from '../support/bed-migration.ts';
import { LARGE_TABLE, lockHeartbeat, reachCopy } from '../support/bed-phases.ts';
import { bedPool } from '../support/bed-pool.ts';
import { tracesOn } from '../support/bed-traces.ts';
import { until } from '../support/bed-wait.ts';
import type { MigrationBed, MigrationWish } from '../support/migration-bed.ts';

const beds = bedPool();
afterAll(() => beds[Symbol.asyncDispose]());

/** A table without identity, which is given one for the time of the migration. */
const UNKEYED = 'CREATE TABLE shop.gate_log (note text); ALTER TABLE shop.gate_log OWNER TO shop_owner;';
const FULL = { noIdentity: { 'shop.gate_log': 'full' } };

interface Case {
  readonly phase: string;
  readonly wish?: MigrationWish;
  /** Whether the target has an empty database beforehand, which has to stay. */
  readonly madeBefore: boolean;
  readonly reach: (migration: BedMigration) => Promise<() => Promise<void>>;
  /** Errors that the application may see: those of sessions that were cut in a window. */
  readonly errors?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    phase: 'schema',
    madeBefore: true,
    reach: async (migration) => {
      const hold = await migration.hold('CREATE SCHEMA shop');
      await migration.start();
      await hold.waited();
      return hold.release;
    },
  },
  { phase: 'copy', madeBefore: true, reach: (migration) => reachCopy(migration, 5) },
  {
    phase: 'copy, at the index of a large table',
    madeBefore: true,
    wish: { sql: UNKEYED + LARGE_TABLE },
    reach: async (migration) => {
      const copyOn = await reachCopy(migration, 1);
      const name = await migration.hold('CREATE TABLE shop.ballast_by_word ()');
      await copyOn();
      await name.waited();
      return name.release;
    },
  },
  {
    phase: 'catch-up',
    madeBefore: true,
    reach: async (migration) => {
      const copyOn = await reachCopy(migration, 1);
      const apply = await migration.hold(await lockHeartbeat(migration));
      await copyOn();
      await migration.inPhase('catch-up');
      await apply.waited();
      return apply.release;
    },
  },
  {
    phase: 'waiting for approval',
    madeBefore: false,
    reach: async (migration) => {
      await migration.start();
      await migration.inState('waiting-for-approval');
      return () => Promise.resolve();
    },
  },
  {
    phase: 'cutover, before the point of no return',
    madeBefore: false,
    wish: { cutover: { budget: '60s', maxLag: '1GB' } },
    reach: async (migration) => {
      await migration.start();
      await migration.inState('waiting-for-approval');
      const apply = await migration.hold(await lockHeartbeat(migration));
      await migration.order('approve');
      await until('the fence', async () => !(await migration.isOpen()));
      // The window learns of the abort with its next heartbeat; what it waits for must not come before.
      return async () => {
        await until('the end of the window', () => migration.isOpen());
        await apply.release();
      };
    },
    errors: ['57P01', 'connection ended'],
  },
];

const traces = async (bed: MigrationBed, { name }: BedMigration) => ({ source: await tracesOn(bed.source.server, name), target: await tracesOn(bed.target.server, name) });

describe.concurrent('an abort', () => {
  it.each(CASES)('in phase $phase leaves both servers as they were', ({ madeBefore, wish, reach, errors = [] }) =>
    beds.use(async (bed) => {
      await using migration = await bed.migration({ sql: UNKEYED, ...wish, entry: { approval: 'required', ...FULL, ...wish?.entry } });
      await using _worker = await bed.startWorker();
      if (madeBefore) await migration.createTarget();
      const before = await traces(bed, migration);
      await migration.startApplication();
      const letGo = await reach(migration);
      expect(await migration.order('abort')).toMatchObject({ accepted: true, order: 'abort' });
      await letGo();
      await migration.inState('aborted');
      await expect(migration.result()).rejects.toMatchObject({ code: 'aborted' });
      await migration.written('source');
      expect(await migration.judgeOnSource()).toMatchObject({ lost: [], duplicated: [], torn: [], unexplained: [] });
      const failed = (await migration.records()).filter(({ outcome, sqlstate }) => outcome !== 'acked' && !errors.includes(sqlstate ?? ''));
      expect(failed).toEqual([]);
      expect(await traces(bed, migration)).toEqual(before);
    }),
  );

  it('behind the point of no return takes nothing back: the switch is finished', () =>
    beds.use(async (bed) => {
      await using migration = await bed.migration();
      await using _worker = await bed.startWorker();
      await migration.startApplication();
      await migration.route.breakIt();
      await migration.start();
      expect(await migration.inState('parked')).toMatchObject({ problem: { code: 'route_failed', detail: expect.stringContaining('does not answer') } });
      await migration.order('abort');
      await until('the second call of the hook', async () => (await migration.progress()).problem?.code === 'route_failed');
      await migration.inState('parked');
      await migration.route.mend();
      await migration.order('resume');
      await migration.inState('completed');
      expect(await migration.differences()).toEqual([]);
      expect(await migration.judgeOnTarget()).toMatchObject({ lost: [], duplicated: [], torn: [], unexplained: [] });
    }));

  it.each([
    { what: 'a blocking problem', entry: { noIdentity: {} }, password: undefined, problem: { code: 'preflight_failed' } },
    { what: 'a wrong password', entry: FULL, password: 'env:WRONG_PASSWORD', problem: { code: expect.stringMatching(/^(authentication_failed|preflight_failed)$/) } },
  ])('is not needed after preflight refused $what: nothing was made', ({ entry, password, problem }) =>
    beds.use(async (bed) => {
      await using migration = await bed.migration({ sql: UNKEYED, entry });
      await using _worker = await bed.startWorker();
      const before = await traces(bed, migration);
      const restore = password === undefined ? () => Promise.resolve() : await bed.changeServer('target', { password });
      await migration.start();
      expect(await migration.inState('failed')).toMatchObject({ problem });
      await restore();
      await expect(migration.result()).rejects.toMatchObject(problem);
      expect(await traces(bed, migration)).toEqual(before);
    }),
  );
});
