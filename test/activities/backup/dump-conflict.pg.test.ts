import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, inject, it } from 'vitest';

import { DumpTelling } from '../../../activities/backup/dump-telling.ts';
import { connect } from '../../../postgres/connection.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { privateServer } from '../../support/cluster.ts';
import { dumpBed } from '../../support/dump-bed.ts';
import { standbyOf } from '../../support/standby.ts';

it('B14 replay on a standby that ends a dump is named, with what to do about it', async () => {
  await using primary = await privateServer(15, { settings: { max_wal_senders: 5, wal_level: 'replica' } });
  await using session = await connect(primary.server, { purpose: 'test' });
  await session.execute('CREATE TABLE public.kept AS SELECT i AS id, repeat(md5(i::text), 10) AS body FROM generate_series(1, 120000) AS i');
  await using standby = await standbyOf(primary);
  await standby.caughtUp();
  await using at = await connect(standby.server, { purpose: 'test' });
  await at.execute(`ALTER SYSTEM SET max_standby_streaming_delay = '100ms'`);
  await at.execute('SELECT pg_reload_conf()');
  // A store that holds the dump up until replay has met it.
  let held = true;
  const memory = memoryStore();
  const store: ObjectStore = {
    ...memory,
    async stageBlock(block) {
      while (held && block.name.includes('/files/')) await sleep(20);
      await memory.stageBlock(block);
    },
  };
  await using bed = await dumpBed({ source: standby.server, store, staging: { folder: join(inject('runFolder'), 'conflict'), limitBytes: 8 * 2 ** 20 } });
  const backupId = await bed.begin('postgres');
  const telling = new DumpTelling();
  const ended = expect(bed.dump(backupId, undefined, telling)).rejects.toMatchObject({ code: 'dump_failed', message: expect.stringContaining('was ended by replay on the standby') as string, hint: expect.stringContaining('hot_standby_feedback') as string });
  while (telling.facts().waitsFor !== 'the store') await sleep(20);
  await session.execute('DELETE FROM public.kept WHERE id % 2 = 0');
  await session.execute('VACUUM public.kept');
  const conflicts = async (): Promise<number> => (await at.row<{ conflicts: number }>(`SELECT conflicts FROM pg_stat_database WHERE datname = 'postgres'`)).conflicts;
  while ((await conflicts()) === 0) await sleep(50);
  held = false;
  await ended;
});
