import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { quoteIdent } from '../../postgres/quoting.ts';
import { connect } from '../../postgres/connection.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { migrationWorkflowId } from '../../workflows/messages.ts';
import type { BedMigration } from '../support/bed-migration.ts';
import { lockHeartbeat, reachCopy } from '../support/bed-phases.ts';
import { bedPool } from '../support/bed-pool.ts';
import { until } from '../support/bed-wait.ts';
import type { MigrationBed } from '../support/migration-bed.ts';

const beds = bedPool();
afterAll(() => beds[Symbol.asyncDispose]());

const PHASES = {
  copy: (migration: BedMigration) => reachCopy(migration, 5),
  'catch-up': async (migration: BedMigration) => {
    const copyOn = await reachCopy(migration, 1);
    const apply = await migration.hold(await lockHeartbeat(migration));
    await copyOn();
    await migration.inPhase('catch-up');
    await apply.waited();
    return apply.release;
  },
};

const EVENTS: Readonly<Record<string, (bed: MigrationBed) => Promise<void>>> = {
  'the source is restarted': (bed) => bed.source.restart('fast'),
  'the source is killed and started': async (bed) => {
    await bed.source.kill();
    await bed.source.start();
  },
  'the target is restarted': (bed) => bed.target.restart('fast'),
  'the target is killed and started': async (bed) => {
    await bed.target.kill();
    await bed.target.start();
  },
  'the Temporal server is killed and started': async (bed) => {
    await bed.temporal.kill();
    await bed.temporal.start();
  },
};

const CASES = Object.keys(EVENTS).flatMap((event) => (Object.keys(PHASES) as (keyof typeof PHASES)[]).map((phase) => ({ event, phase })));

async function expectAllThere(migration: BedMigration): Promise<void> {
  await migration.inState('completed');
  expect(await migration.differences()).toEqual([]);
  expect(await migration.judgeOnTarget()).toMatchObject({ lost: [], duplicated: [], torn: [], unexplained: [] });
}

describe.concurrent('a migration', () => {
  it.each(CASES)('goes on when in phase $phase $event (F51)', ({ event, phase }) =>
    beds.use(async (bed) => {
      await using migration = await bed.migration();
      await using _worker = await bed.startWorker();
      await migration.startApplication();
      const goOn = await PHASES[phase](migration);
      await EVENTS[event]?.(bed);
      await goOn();
      await expectAllThere(migration);
    }),
  );

  it('waits while the disk of the target is full, says so, and goes on when there is room', () =>
    beds.use(async (bed) => {
      await using disk = await smallDisk(bed.folder, 40);
      await using migration = await bed.migration();
      await using _worker = await bed.startWorker();
      await using session = await connect(bed.target.server, { purpose: 'test' });
      await session.execute(`CREATE TABLESPACE ${quoteIdent(migration.name)} LOCATION '${disk.path}'`);
      await session.execute(`CREATE DATABASE ${quoteIdent(migration.name)} TEMPLATE template0 TABLESPACE ${quoteIdent(migration.name)}`);
      await migration.startApplication();
      const copyOn = await reachCopy(migration, 1);
      disk.fill();
      await copyOn();
      await until('the disk to be full', async () => (await failuresOf(bed, migration)).includes('disk_full'), () => failuresOf(bed, migration));
      disk.free();
      await expectAllThere(migration);
      await session.execute(`DROP DATABASE ${quoteIdent(migration.name)} WITH (FORCE)`);
      await session.execute(`DROP TABLESPACE ${quoteIdent(migration.name)}`);
    }));
});

/** The last failures of the steps that are tried again, and what the run is parked for. */
async function failuresOf({ client }: MigrationBed, migration: BedMigration): Promise<string[]> {
  const { raw } = await client.workflow.getHandle(migrationWorkflowId(migration.name)).describe();
  const { problem } = await migration.progress();
  return [...(raw.pendingActivities ?? []).map(({ lastFailure }) => lastFailure?.applicationFailureInfo?.type ?? ''), problem?.code ?? ''];
}

interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Leaves a megabyte of room. */
  fill(): void;
  free(): void;
}

/** A file system in memory of so many megabytes. Only root may mount one: on a machine without, this fails and says so. */
async function smallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  const mount = join(folder, 'disk');
  const path = join(mount, 'data');
  const filler = join(mount, 'filler');
  mkdirSync(mount);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', mount]);
  mkdirSync(path);
  const account = await serverAccount();
  if (account !== undefined) execFileSync('chown', [`${account.uid}:${account.gid}`, path]);
  return {
    path,
    fill: () => {
      const room = Number(execFileSync('df', ['--output=avail', '-B1', mount], { encoding: 'utf8' }).split('\n')[1]);
      writeFileSync(filler, Buffer.alloc(room - 2 ** 20));
    },
    free: () => rmSync(filler),
    [Symbol.asyncDispose]: async () => {
      await Promise.resolve(execFileSync('umount', ['--lazy', mount]));
    },
  };
}
