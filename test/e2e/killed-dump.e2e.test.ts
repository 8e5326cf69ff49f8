import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, inject, it } from 'vitest';

import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { startAzurite } from '../../programs/azurite.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { freePort } from '../../programs/ports.ts';
import { waitUntil } from '../../programs/wait-until.ts';
import { openStore } from '../../storage/open-store.ts';
import { countingProxy } from '../support/counting-proxy.ts';
import { dumpBed, POLICY } from '../support/dump-bed.ts';
import type { DumpWorkerPlan } from '../support/dump-worker.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';
import { uniqueName } from '../support/unique-name.ts';

/** Half of it is left after compression: several blocks for each of two tables that are dumped together, and a few small files. */
const TABLES = `
  CREATE TABLE public.first AS SELECT i AS id, (SELECT string_agg(md5(i || '-' || j), '') FROM generate_series(1, 8) AS j) AS body FROM generate_series(1, 120000) AS i;
  CREATE TABLE public.second AS SELECT id, reverse(body) AS body FROM public.first;
  CREATE TABLE public.small AS SELECT 1 AS id;
`;
const ACCOUNT = 'tests';

const plain = ({ tls: _, password, ...server }: ServerAddress) => ({ ...server, password: password?.reveal() ?? '' });

it('B20 a worker that is killed in the middle of a block: the next attempt sends no block again that the store has', async () => {
  const folder = join(inject('runFolder'), uniqueName('killed-dump'));
  await mkdir(folder);
  await using made = new AsyncDisposableStack();
  const azurite = { port: await freePort(), dataDir: join(folder, 'blobs'), account: { name: ACCOUNT, key: new Secret(randomBytes(64).toString('base64')) }, logFile: join(folder, 'azurite.log'), pidFile: join(folder, 'process.json') };
  await startAzurite(azurite);
  made.defer(async () => void (await stopDetached(azurite.pidFile)));
  const place = (port: number) => ({ endpoint: `http://127.0.0.1:${port}/${ACCOUNT}`, account: ACCOUNT, container: 'backups' });
  const [before, after] = [made.use(await countingProxy(azurite.port)), made.use(await countingProxy(azurite.port))];

  const database = made.use(await freshDatabase(await testServer(18)));
  {
    await using session = await database.session();
    await session.execute(TABLES);
  }
  const backupKey = new Secret(randomBytes(32).toString('base64'));
  const bed = made.use(await dumpBed({ source: database.server, sealed: true, key: backupKey, store: openStore({ kind: 'azure-blob', ...place(after.port), key: azurite.account.key, prefix: '' }) }));
  const backupId = await bed.begin(database.name);

  const { catalogPlace } = bed;
  const plan: DumpWorkerPlan = { backupId, source: plain(database.server), catalog: { server: plain(catalogPlace.server), database: catalogPlace.name }, store: { ...place(before.port), key: azurite.account.key.reveal() }, key: backupKey.reveal(), policy: POLICY, staging: { folder: bed.stagingFolder, limitBytes: 16 * 2 ** 20 } };
  const worker = spawn(process.execPath, [join(import.meta.dirname, '../support/dump-worker.ts')], { stdio: ['pipe', 'inherit', 'inherit'] });
  worker.stdin.end(JSON.stringify(plan));
  expect(await waitUntil(() => Promise.resolve(before.blocks.length >= 4), 120_000)).toBe(true);
  before.holdBlocks();
  worker.kill('SIGKILL');
  await new Promise((resolve) => worker.once('close', resolve));
  await expect(bed.manifest(backupId)).rejects.toMatchObject({ code: 'object_missing' });

  expect(await bed.dump(backupId)).toMatchObject({ tables: 3, rows: 240_001 });
  expect(after.blocks.length).toBeGreaterThan(0);
  expect(after.blocks.filter((block) => before.blocks.includes(block))).toEqual([]);
  const manifest = await bed.manifest(backupId);
  for (const table of manifest.tables) await bed.file(backupId, table.file as string);
});
