import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';

import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { programPath } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import { type BackupBed, DATABASE } from './backup-bed.ts';

/** What people do today: `pg_dump --format=directory`, then an upload of the files, four at a time; and the way back. */
const FILES_AT_ONCE = 4;

export interface PeerBackup {
  readonly container: string;
  readonly storedBytes: number;
  readonly dumpSeconds: number;
}

const openContainer = ({ store, storeKey }: BackupBed, name: string): ContainerClient => new BlobServiceClient(store.endpoint, new StorageSharedKeyCredential(store.account, storeKey.reveal())).getContainerClient(name);

const environment = ({ host, port, user, password }: ServerAddress): Record<string, string> => ({ PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password?.reveal() ?? '' });

export async function backUpAsPeer(bed: BackupBed, jobs: number, container: string): Promise<PeerBackup> {
  const folder = join(bed.folder, 'peer');
  await rm(folder, { recursive: true, force: true });
  const begun = performance.now();
  await runProgram({ program: programPath(bed.clients, 'pg_dump'), args: ['--format=directory', `--jobs=${jobs}`, `--file=${folder}`, DATABASE], env: environment(bed.source.address) });
  const dumpSeconds = (performance.now() - begun) / 1000;
  const client = openContainer(bed, container);
  await client.createIfNotExists();
  const names = await bySize(folder);
  await inLanes(names, async (name) => {
    await client.getBlockBlobClient(name).uploadFile(join(folder, name));
  });
  let storedBytes = 0;
  for (const name of names) storedBytes += (await stat(join(folder, name))).size;
  await rm(folder, { recursive: true });
  return { container, storedBytes, dumpSeconds };
}

/** Downloads all of it, then restores it; pg_restore with jobs cannot read a stream. */
export async function restoreAsPeer(bed: BackupBed, jobs: number, container: string): Promise<void> {
  const folder = join(bed.folder, 'peer');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const client = openContainer(bed, container);
  const found: { name: string; bytes: number }[] = [];
  for await (const { name, properties } of client.listBlobsFlat()) found.push({ name, bytes: properties.contentLength ?? 0 });
  await inLanes(found.toSorted((a, b) => b.bytes - a.bytes), async ({ name }) => {
    await client.getBlockBlobClient(name).downloadToFile(join(folder, name));
  });
  await using session = await connect(bed.target.address, { purpose: 'bench' });
  await session.execute('CREATE DATABASE peer TEMPLATE template0');
  await runProgram({ program: programPath(bed.clients, 'pg_restore'), args: ['--exit-on-error', `--jobs=${jobs}`, '--dbname=peer', folder], env: environment(bed.target.address) });
  // As ours does: a restored database without statistics plans badly.
  await using restored = await connect(bed.target.address, { purpose: 'bench', database: 'peer' });
  await restored.execute('ANALYZE');
  await rm(folder, { recursive: true });
}

async function bySize(folder: string): Promise<string[]> {
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
  return sizes.toSorted((a, b) => b.bytes - a.bytes).map(({ name }) => name);
}

async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, lane));
}
