import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, inject, it, vi } from 'vitest';

import { DumpTelling } from '../../../activities/backup/dump-telling.ts';
import { postgresFolders } from '../../../config/program-folders.ts';
import { MANIFEST_NAME } from '../../../domain/backup/manifest.ts';
import { findInstallations, pickClients } from '../../../programs/postgres-installations.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { type DumpBed, dumpBed } from '../../support/dump-bed.ts';
import { type FreshDatabase, freshDatabase, testServer } from '../../support/postgres.ts';

const BIG = `CREATE TABLE public.big AS SELECT i AS id, repeat(md5(i::text), 8) AS body FROM generate_series(1, 200000) AS i;`;

async function databaseWith(sql: string, major = 18): Promise<FreshDatabase> {
  const database = await freshDatabase(await testServer(major));
  await using session = await database.session();
  await session.execute(sql);
  return database;
}

/** The pg_dump of a bed: of those that run on this machine, the ones that write to its staging folder. */
function dumpProcesses(bed: DumpBed): number[] {
  return globSync('/proc/[0-9]*/cmdline').flatMap((path) => {
    try {
      return readFileSync(path, 'utf8').includes(bed.stagingFolder) ? [Number(path.split('/')[2])] : [];
    } catch {
      return [];
    }
  });
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(5);
}

async function hasManifest(bed: DumpBed, backupId: string): Promise<boolean> {
  return (await bed.store.stat((await bed.row(backupId)).prefix + MANIFEST_NAME)) !== undefined;
}

/** Takes each block a while, so that a dump is under way for long enough to be met. */
const slowStore = (ms: number, store: ObjectStore = memoryStore()): ObjectStore => ({
  ...store,
  stageBlock: async (block) => {
    await sleep(ms);
    await store.stageBlock(block);
  },
});

describe('a dump that fails leaves no backup, and the next attempt makes one', () => {
  it.each([0.1, 0.4, 0.7])('B1 B4 pg_dump is killed when %d of it has come', async (share) => {
    await using database = await databaseWith(BIG);
    await using bed = await dumpBed({ source: database.server, store: slowStore(20), staging: { folder: join(inject('runFolder'), `killed-${share}`), limitBytes: 8 * 2 ** 20 } });
    const backupId = await bed.begin(database.name);
    const telling = new DumpTelling();
    const failed = expect(bed.dump(backupId, undefined, telling)).rejects.toMatchObject({ code: 'dump_failed' });
    await until(() => telling.facts().rawBytes > share * 50 * 2 ** 20);
    for (const pid of dumpProcesses(bed).slice(0, 1)) process.kill(pid, 'SIGKILL');
    await failed;
    expect(await hasManifest(bed, backupId)).toBe(false);
    expect((await bed.row(backupId)).state).toBe('created');
    expect(dumpProcesses(bed)).toEqual([]);
    expect(await bed.dump(backupId)).toMatchObject({ rows: 200_000 });
    expect(await hasManifest(bed, backupId)).toBe(true);
  });

  it('B13 a lock is in the way: its holder and the statement are named', async () => {
    await using database = await databaseWith('CREATE TABLE public.busy (id int)');
    await using bed = await dumpBed({ source: database.server, policy: { lockTimeout: '1s' } });
    await using blocker = await database.session();
    await blocker.execute('BEGIN; LOCK TABLE public.busy IN ACCESS EXCLUSIVE MODE');
    const backupId = await bed.begin(database.name);
    await expect(bed.dump(backupId)).rejects.toMatchObject({
      code: 'dump_locked',
      message: expect.stringContaining('public.busy') as string,
      detail: expect.stringMatching(new RegExp(`Process ${blocker.pid} of postgres.*holds the lock.*LOCK TABLE public.busy`)) as string,
      context: { pid: blocker.pid },
    });
    expect(await hasManifest(bed, backupId)).toBe(false);
    await blocker.execute('ROLLBACK');
    expect(await bed.dump(backupId)).toMatchObject({ tables: 1 });
  });

  it('B13 somebody queues for a table that a job has still to come to', async () => {
    await using database = await databaseWith(`${BIG} CREATE TABLE public.also_big AS TABLE public.big; CREATE TABLE public.small AS SELECT 1 AS id; ANALYZE`);
    await using bed = await dumpBed({ source: database.server, store: slowStore(100), staging: { folder: join(inject('runFolder'), 'queue'), limitBytes: 8 * 2 ** 20 } });
    await using owner = await database.session();
    const backupId = await bed.begin(database.name);
    const telling = new DumpTelling();
    const failed = expect(bed.dump(backupId, undefined, telling)).rejects.toMatchObject({ code: 'dump_locked', detail: expect.stringMatching(new RegExp(`Process ${owner.pid} .*queues for the table: ALTER TABLE public.small`)) as string });
    await until(() => telling.facts().waitsFor === 'the store');
    const altered = owner.execute('ALTER TABLE public.small ADD COLUMN more int');
    await failed;
    await altered;
    expect(await bed.dump(backupId)).toMatchObject({ tables: 3 });
  });

  it('a table is dropped between the plan and the dump', async () => {
    await using database = await databaseWith('CREATE TABLE public.stays (id int); CREATE TABLE public.goes (id int)');
    await using bed = await dumpBed({ source: database.server });
    await using other = await database.session();
    await other.execute('BEGIN; DROP TABLE public.goes');
    const backupId = await bed.begin(database.name);
    const telling = new DumpTelling();
    const failed = expect(bed.dump(backupId, undefined, telling)).rejects.toMatchObject({ code: 'dump_failed', detail: expect.stringContaining('goes') as string });
    await until(() => telling.facts().waitsFor === `pid ${other.pid}`);
    await other.execute('COMMIT');
    await failed;
    expect(await hasManifest(bed, backupId)).toBe(false);
    expect(await bed.dump(backupId)).toMatchObject({ tables: 1 });
  });

  it('the run is cancelled: nothing of it goes on', async () => {
    await using database = await databaseWith(BIG);
    await using bed = await dumpBed({ source: database.server, store: slowStore(50) });
    const backupId = await bed.begin(database.name);
    const cancel = new AbortController();
    const telling = new DumpTelling();
    const stopped = expect(bed.dump(backupId, cancel.signal, telling)).rejects.toThrow();
    await until(() => telling.facts().storedBytes > 0);
    cancel.abort();
    await stopped;
    expect(dumpProcesses(bed)).toEqual([]);
    expect(readdirSync(bed.stagingFolder)).toEqual([]);
    expect(await hasManifest(bed, backupId)).toBe(false);
  });
});

it('B12 a client older than the server is refused before anything is done', async () => {
  await using database = await databaseWith('CREATE TABLE public.t (id int)');
  const old = (await findInstallations(postgresFolders())).filter(({ major }) => major < 18);
  await using bed = await dumpBed({ source: database.server, clients: (atLeast) => Promise.resolve().then(() => pickClients(old, atLeast).installation) });
  const backupId = await bed.begin(database.name);
  await expect(bed.dump(backupId)).rejects.toMatchObject({ code: 'program_missing', detail: expect.stringContaining('at least as new') as string });
});

it('B62 a clock that is ten minutes off is refused', async () => {
  await using database = await databaseWith('');
  await using bed = await dumpBed({ source: database.server });
  const now = Date.now.bind(Date);
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 600_000);
  try {
    await expect(bed.begin(database.name)).rejects.toMatchObject({ code: 'preflight_failed', message: expect.stringContaining('differ by 600 seconds') as string });
  } finally {
    clock.mockRestore();
  }
});

it('B19 a table larger than the staging limit passes through, and the space is given back', async () => {
  await using database = await databaseWith(`${BIG} INSERT INTO public.big SELECT id, body FROM public.big`);
  await using bed = await dumpBed({ source: database.server, store: slowStore(10), staging: { folder: join(inject('runFolder'), 'small-limit'), limitBytes: 24 * 2 ** 20 } });
  const { peakStagingBytes, rawBytes, rows } = await bed.dump(await bed.begin(database.name));
  expect(rows).toBe(400_000);
  expect(rawBytes).toBeGreaterThan(100 * 2 ** 20);
  expect(peakStagingBytes).toBeLessThan(40 * 2 ** 20);
  expect(readdirSync(bed.stagingFolder)).toEqual([]);
});

it('B19 where no space comes back inside a file, a table larger than the limit is refused with the reason', async () => {
  await using database = await databaseWith(BIG);
  await using bed = await dumpBed({ source: database.server, store: slowStore(10), staging: { folder: join(inject('runFolder'), 'no-holes'), limitBytes: 8 * 2 ** 20 } });
  const backupId = await bed.begin(database.name);
  const path = process.env['PATH'];
  vi.stubEnv('PATH', '/nowhere'); // the shell finds no fallocate
  try {
    await expect(bed.dump(backupId)).rejects.toMatchObject({ code: 'staging_full', detail: expect.stringContaining('alone takes') as string });
  } finally {
    vi.stubEnv('PATH', path);
  }
  expect(dumpProcesses(bed)).toEqual([]);
  expect(await bed.dump(backupId)).toMatchObject({ rows: 200_000 });
});
