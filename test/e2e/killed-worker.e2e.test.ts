import { afterAll, describe, expect, it } from 'vitest';

import { WINDOW_LOST } from '../../activities/cutover/cut-over.ts';
import { holdUp } from '../support/bed-hold.ts';
import type { BedMigration } from '../support/bed-migration.ts';
import { LARGE_TABLE, lockHeartbeat, reachCopy } from '../support/bed-phases.ts';
import { bedPool } from '../support/bed-pool.ts';
import { until } from '../support/bed-wait.ts';
import type { MigrationBed, MigrationWish } from '../support/migration-bed.ts';

// The dead man's switch has to fire even where a server ends the statements of clients that are gone.
const beds = bedPool({ sourceSettings: { client_connection_check_interval: '500ms' } });
afterAll(() => beds[Symbol.asyncDispose]());

interface Case {
  readonly phase: string;
  readonly wish?: MigrationWish;
  /** Brings the run to the phase and keeps it there; what is given lets it go on. */
  readonly reach: (migration: BedMigration, bed: MigrationBed) => Promise<() => Promise<void>>;
  /** Before the new worker comes. */
  readonly alone?: (migration: BedMigration) => Promise<void>;
  /** Orders that a person gives after it has come. */
  readonly after?: (migration: BedMigration) => Promise<void>;
}

const CASES: readonly Case[] = [
  {
    phase: 'schema',
    reach: async (migration) => {
      await migration.createTarget();
      const hold = await migration.hold('CREATE SCHEMA shop');
      await migration.start();
      await hold.waited();
      return hold.release;
    },
  },
  { phase: 'copy', reach: (migration) => reachCopy(migration, 5) },
  {
    phase: 'copy, at the index of a large table',
    wish: { sql: LARGE_TABLE },
    reach: async (migration) => {
      const copyOn = await reachCopy(migration, 1);
      // An index wants its name in the catalog before it is built.
      const name = await migration.hold('CREATE TABLE shop.ballast_by_word ()');
      await copyOn();
      await name.waited();
      return name.release;
    },
  },
  {
    phase: 'indexes, when all is made and nobody has said so',
    reach: async (migration, { catalogPlace }) => {
      const copyOn = await reachCopy(migration, 1);
      const gate = await holdUp(catalogPlace.server, catalogPlace.name, `INSERT INTO pgconvoy.gate (run_id, gate, attempt, state, evidence) VALUES ('${await migration.runId()}', 'indexed', 1, 'passed', '{}')`);
      await copyOn();
      await gate.waited();
      return gate.release;
    },
  },
  {
    phase: 'catch-up',
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
    wish: { entry: { approval: 'required' } },
    reach: async (migration) => {
      await migration.start();
      await migration.inState('waiting-for-approval');
      return () => Promise.resolve();
    },
    after: approve,
  },
  {
    phase: 'cutover, before the point of no return',
    wish: { entry: { approval: 'required' }, cutover: { budget: '5s', maxLag: '1GB' } },
    reach: reachFence,
    // Nobody is there to take the fence down but the source itself.
    alone: async (migration) => {
      await migration.written('source');
      expect(await migration.isOpen()).toBe(true);
    },
    after: approve,
  },
  {
    phase: 'cutover, after the point of no return',
    reach: async (migration) => {
      await migration.route.hold();
      await migration.start();
      await migration.route.held();
      return migration.route.release;
    },
    alone: async (migration) => expect(await migration.isOpen()).toBe(false),
  },
  {
    phase: 'commit',
    wish: { entry: { commit: 'required' } },
    reach: async (migration) => {
      await migration.start();
      await migration.inState('waiting-for-commit');
      const hold = await migration.hold(`LOCK TABLE ${await migration.schema()}.ledger`);
      await migration.order('commit');
      await hold.waited();
      return hold.release;
    },
  },
];

async function approve(migration: BedMigration): Promise<void> {
  await migration.inState('waiting-for-approval');
  await migration.order('approve');
}

/** The source is fenced, and the target does not apply: the window stays open until its budget ends it. */
async function reachFence(migration: BedMigration): Promise<() => Promise<void>> {
  await migration.start();
  await migration.inState('waiting-for-approval');
  const apply = await migration.hold(await lockHeartbeat(migration));
  await migration.order('approve');
  await until('the fence', async () => !(await migration.isOpen()));
  return apply.release;
}

/** The run is over: both sides are the same, and every acknowledged write is there once. */
async function expectAllThere(migration: BedMigration): Promise<void> {
  await migration.inState('completed');
  expect(await migration.result()).toMatchObject({ outcome: 'switched' });
  expect(await migration.isOpen()).toBe(false);
  expect(await migration.differences()).toEqual([]);
  expect(await migration.judgeOnTarget()).toMatchObject({ lost: [], duplicated: [], torn: [], unexplained: [] });
}

describe.concurrent('a worker', () => {
  it.each(CASES)('that is killed in phase $phase is followed by another, which finishes (F51)', ({ wish, reach, alone, after }) =>
    beds.use(async (bed) => {
      await using migration = await bed.migration(wish);
      await using killed = await bed.startWorker();
      await migration.startApplication();
      const goOn = await reach(migration, bed);
      await killed.kill();
      await alone?.(migration);
      await using _next = await bed.startWorker();
      await goOn();
      await after?.(migration);
      await expectAllThere(migration);
    }),
  );

  it('that was only frozen in its window, and wakes after another has switched, touches nothing', () =>
    beds.use(async (bed) => {
      await using migration = await bed.migration({ entry: { approval: 'required', commit: 'required' }, cutover: { budget: '10s', maxLag: '1GB' } });
      await using frozen = await bed.startWorker();
      await migration.startApplication();
      const goOn = await reachFence(migration);
      frozen.freeze();
      await using _next = await bed.startWorker();
      await goOn();
      await approve(migration);
      await migration.inState('waiting-for-commit');
      expect(await migration.isOpen()).toBe(false);
      frozen.thaw();
      await until('the frozen worker to see that its window is gone', async () => (await frozen.log()).includes(WINDOW_LOST));
      // Nothing of its step is left to come when it has ended in order.
      await frozen.terminate();
      expect(await migration.isOpen()).toBe(false);
      await migration.order('commit');
      await expectAllThere(migration);
    }));
});
