import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { postgresFolders } from '../../config/program-folders.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { findInstallations, pickServer } from '../../programs/postgres-installations.ts';
import { detachedPid } from '../../programs/detached-process.ts';
import { endDemo, makeDemoFolder, partFolder, processFile } from '../demo/demo-folder.ts';
import { startDemoServer, type DemoServer } from '../demo/demo-servers.ts';
import { startDemoWorker } from '../demo/demo-worker.ts';
import { startEmbeddedParts, useOnlyDemoParts } from '../demo/embedded-parts.ts';

/** The pair of servers that every contender works on, and what pgconvoy needs beside them. */
export interface Bed extends AsyncDisposable {
  readonly folder: string;
  readonly source: DemoServer;
  readonly target: DemoServer;
  readonly workerPid: number;
}

export interface BedOptions {
  readonly from: number;
  readonly to: number;
  readonly settings: Readonly<Record<string, string | number>>;
  /** The migration's entry in the inventory, beside source, target and database. */
  readonly migration: Readonly<Record<string, unknown>>;
}

export const DATABASE = 'bench';
export const MIGRATION = 'bench';

/** Starts everything in a folder of its own; ending it leaves nothing. */
export async function makeBed(options: BedOptions): Promise<Bed> {
  const folder = await makeDemoFolder();
  const end = async (): Promise<void> => await endDemo(folder);
  try {
    const found = await findInstallations(postgresFolders());
    const inventory = join(folder, 'pgconvoy.yaml');
    useOnlyDemoParts(folder, inventory);
    const source = await startDemoServer(folder, { name: 'source', installation: pickServer(found, options.from).installation, settings: options.settings });
    const target = await startDemoServer(folder, { name: 'target', installation: pickServer(found, options.to).installation, settings: options.settings });
    await startEmbeddedParts(folder, pickServer(found, options.to).installation);
    await writeInventory(inventory, { source, target }, options.migration);
    await startDemoWorker(folder);
    const workerPid = (await detachedPid(processFile(await partFolder(folder, 'worker')))) ?? 0;
    return { folder, source, target, workerPid, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function writeInventory(path: string, { source, target }: { source: DemoServer; target: DemoServer }, migration: Readonly<Record<string, unknown>>): Promise<void> {
  const entryOf = ({ address: { host, port, user, tls }, passwordFile }: DemoServer) => ({ host, port, user, password: `file:${passwordFile}`, tls });
  const inventory = {
    version: 1,
    servers: { source: entryOf(source), target: entryOf(target) },
    migrations: { [MIGRATION]: { source: 'source', target: 'target', database: DATABASE, approval: 'none', commit: 'automatic', ...migration } },
  };
  await writeFile(path, stringify(inventory));
}

/** The process id of a demo server's postmaster. */
export const postmasterPid = (bed: Bed, server: 'source' | 'target'): number => Number(readFileSync(join(bed.folder, server, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

/** Makes both servers as they were before a run: no database on the target, the source open, everything written out. */
export async function resetServers(bed: Bed): Promise<void> {
  await orders(bed.target.address, [`DROP DATABASE IF EXISTS ${DATABASE}`, 'CHECKPOINT']);
  await orders(bed.source.address, [`ALTER DATABASE ${DATABASE} ALLOW_CONNECTIONS true`, `ALTER DATABASE ${DATABASE} RESET ALL`, 'CHECKPOINT']);
}

async function orders(server: ServerAddress, statements: readonly string[]): Promise<void> {
  await using session = await connect(server, { purpose: 'bench' });
  for (const statement of statements) await session.execute(statement);
}
