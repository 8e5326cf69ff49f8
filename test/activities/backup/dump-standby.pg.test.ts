import { expect, it } from 'vitest';

import { connect } from '../../../postgres/connection.ts';
import { privateServer } from '../../support/cluster.ts';
import { dumpBed } from '../../support/dump-bed.ts';
import { standbyOf } from '../../support/standby.ts';

it('B45 a standby is dumped as of what it has replayed, and the manifest says so', async () => {
  await using primary = await privateServer(15, { settings: { max_wal_senders: 5, wal_level: 'replica' } });
  await using session = await connect(primary.server, { purpose: 'test' });
  await session.execute(`CREATE TABLE public.kept AS SELECT i AS id FROM generate_series(1, 1200) AS i; CREATE UNLOGGED TABLE public.unlogged AS SELECT 1 AS id`);
  await using standby = await standbyOf(primary);
  await standby.caughtUp();
  await using bed = await dumpBed({ source: standby.server });
  const backupId = await bed.begin('postgres');
  expect(await bed.dump(backupId)).toMatchObject({ rows: 1200 });
  const manifest = await bed.manifest(backupId);
  expect(manifest.source.role).toBe('standby');
  expect(manifest.snapshot.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  expect(manifest.tables).toMatchObject([{ name: 'kept', rows: 1200 }, { name: 'unlogged', rows: 0, file: null }]);
});
