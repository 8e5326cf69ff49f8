import { existsSync, globSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { postgresFolders } from '../../config/program-folders.ts';
import { connect } from '../../postgres/connection.ts';
import { findInstallations, pickServer } from '../../programs/postgres-installations.ts';
import { isRunning } from '../../programs/postgres-control.ts';
import { openScratchCluster } from '../../providers/scratch/scratch-cluster.ts';
import { endScratchCluster, OWNER_FILE, sweepScratchClusters } from '../../providers/scratch/sweep.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-try-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  for (const left of globSync(join(folder, 'pgconvoy-scratch-*'))) await endScratchCluster(left);
  await rm(folder, { recursive: true, force: true });
});

const open = async () => await openScratchCluster({ folder, installation: pickServer(await findInstallations(postgresFolders()), 18).installation, name: 'scratch' });

it('serves as long as the work lasts, and leaves nothing', async () => {
  const cluster = await open();
  {
    await using session = await connect(cluster.server, { purpose: 'test' });
    expect(await session.row('SHOW fsync')).toEqual({ fsync: 'off' });
    expect(await session.row('SHOW listen_addresses')).toEqual({ listen_addresses: '127.0.0.1' });
  }
  await cluster[Symbol.asyncDispose]();
  expect([await isRunning(cluster.cluster), globSync(join(folder, '*'))]).toEqual([false, []]);
});

it('B60 B63 that of a killed worker is swept by the next; one whose worker lives is left alone', async () => {
  const [living, orphan] = await Promise.all([open(), open()]);
  // As if a process of that number had been started at another time: it has ended, and the number is in use again.
  await writeFile(join(orphan.folder, OWNER_FILE), JSON.stringify({ pid: process.pid, startedAt: 'another boot:1' }));
  expect(await sweepScratchClusters(folder)).toEqual([orphan.folder]);
  expect([await isRunning(orphan.cluster), existsSync(orphan.folder)]).toEqual([false, false]);
  expect(await isRunning(living.cluster)).toBe(true);
  await living[Symbol.asyncDispose]();
});

it('says which folder the account of the server may not enter', async () => {
  if (process.getuid?.() !== 0) return; // anybody else's servers are their own
  await chmod(folder, 0o700);
  await expect(open()).rejects.toMatchObject({ code: 'setting_invalid', message: expect.stringContaining(folder) as string });
  expect(globSync(join(folder, '*'))).toEqual([]);
});
