import { afterAll, beforeAll, expect, it } from 'vitest';

import { listBackups } from '../../catalog/backups.ts';
import { type BackUpServerResult, startBackup, workflowResult } from '../../client/backups.ts';
import { connect } from '../../postgres/connection.ts';
import { restoringName } from '../../postgres/backup/restored-database.ts';
import { type BackupBed, backupBed } from '../support/backup-bed.ts';
import { privateServer, type PrivateServer } from '../support/cluster.ts';

let source: PrivateServer;
let bed: BackupBed;
beforeAll(async () => {
  source = await privateServer(15);
  bed = await backupBed({ server: source.server });
});
afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
});

const night = async (): Promise<BackUpServerResult> => await workflowResult<BackUpServerResult>(bed.client, await startBackup(bed.client, { policy: 'all', requestedBy: 'ada' }));

it('nights of all databases of a server prove each of them, the empty one that administrators use too, and find new ones', async () => {
  await using _worker = await bed.startWorker();
  await using session = await connect(source.server, { purpose: 'test' });
  const shop = await bed.database();
  for (const name of ['empty', restoringName('another')]) await session.execute(`CREATE DATABASE "${name}"`);
  await bed.policy('all', { databases: 'all', retention: { keepLast: 1, minimumProven: 1 } });
  const proven = (names: readonly string[]): object[] => names.toSorted().map((database) => ({ database, state: 'proven' }));
  expect((await night()).databases.map(({ database, state }) => ({ database, state }))).toEqual(proven(['empty', 'postgres', shop]));
  await session.execute('CREATE DATABASE "later"');
  await session.execute('DROP DATABASE "empty"');
  await session.execute('CREATE TABLE public.not_empty_any_more (id int); INSERT INTO public.not_empty_any_more VALUES (1)');
  const second = await night();
  expect(second.databases.map(({ database, state }) => ({ database, state }))).toEqual(proven(['later', 'postgres', shop]));
  expect(second.expiry).toMatchObject({ deleted: 2 });
  // The last that was proven of a database that is gone stays.
  expect((await listBackups(bed.catalog, { policy: 'all' })).map(({ database, state }) => ({ database, state })).toSorted((a, b) => a.database.localeCompare(b.database))).toEqual(proven(['empty', 'later', 'postgres', shop]));
});
