import { mkdir, readFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { readEmbeddedFacts, writeEmbeddedFacts } from '../../config/embedded.ts';
import { postgresFolders } from '../../config/program-folders.ts';
import { Secret } from '../../domain/secret.ts';
import { freePort } from '../../programs/ports.ts';
import { detachedPid } from '../../programs/detached-process.ts';
import { findInstallations, newestServer, pickClients, pickServer, type PostgresInstallation } from '../../programs/postgres-installations.ts';
import { giveTo, serverAccount } from '../../programs/server-account.ts';
import { startStorePart, type StoreFacts } from '../../providers/embedded/store-part.ts';
import { endDemo, makeDemoFolder, partFolder, processFile } from '../demo/demo-folder.ts';
import { startDemoServer, type DemoServer } from '../demo/demo-servers.ts';
import { startDemoWorker } from '../demo/demo-worker.ts';
import { startEmbeddedParts, useOnlyDemoParts } from '../demo/embedded-parts.ts';

/** A server to back up and one to restore to, a store, and what pgconvoy needs beside them. */
export interface BackupBed extends AsyncDisposable {
  readonly folder: string;
  /** Of the socket of the source, when the settings name one. */
  readonly socketFolder: string;
  readonly source: DemoServer;
  readonly target: DemoServer;
  readonly store: StoreFacts;
  readonly storeKey: Secret;
  /** Of the programs that the others run. */
  readonly clients: PostgresInstallation;
  readonly workerPid: number;
  readonly storePid: number;
}

export interface BackupBedOptions {
  readonly major: number;
  readonly jobs: number;
  readonly stagingBytes: number;
  readonly sealed: boolean;
  readonly settings: Readonly<Record<string, string | number>>;
  /** More, for the source alone. */
  readonly ofSource?: (socketFolder: string) => Readonly<Record<string, string>>;
}

export const DATABASE = 'bench';
export const POLICY = 'bench';

/** Starts everything in a folder of its own; ending it leaves nothing. */
export async function makeBackupBed(options: BackupBedOptions): Promise<BackupBed> {
  const folder = await makeDemoFolder();
  const end = async (): Promise<void> => await endDemo(folder);
  try {
    const found = await findInstallations(postgresFolders());
    const inventory = join(folder, 'pgconvoy.yaml');
    useOnlyDemoParts(folder, inventory);
    const { installation } = pickServer(found, options.major);
    const socketFolder = join(folder, 'socket');
    await mkdir(socketFolder);
    await giveTo(await serverAccount(), socketFolder);
    const source = await startDemoServer(folder, { name: 'source', installation, settings: { ...options.settings, ...options.ofSource?.(socketFolder) } });
    const target = await startDemoServer(folder, { name: 'target', installation, settings: options.settings });
    await startEmbeddedParts(folder, newestServer(found).installation);
    const { facts: store } = await startStorePart({ stateDir: folder, port: await freePort() });
    const { endpoint, account, keyFile } = store;
    writeEmbeddedFacts({ ...readEmbeddedFacts()!, store: { endpoint, account, keyFile } });
    writeInventory(inventory, { source, target, folder }, options);
    await startDemoWorker(folder);
    return {
      folder,
      socketFolder,
      source,
      target,
      store,
      storeKey: new Secret(await readFile(keyFile, 'utf8')),
      // Of the server's own major, when there are any: from 17 on pg_restore says what older servers do not know.
      clients: found.find(({ major, programs }) => major === options.major && programs.includes('pg_dump') && programs.includes('pg_restore')) ?? pickClients(found, options.major).installation,
      workerPid: (await detachedPid(processFile(await partFolder(folder, 'worker')))) ?? 0,
      storePid: (await detachedPid(processFile(await partFolder(folder, 'store')))) ?? 0,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function writeInventory(path: string, { source, target, folder }: { source: DemoServer; target: DemoServer; folder: string }, { jobs, stagingBytes, sealed }: BackupBedOptions): void {
  const entryOf = ({ address: { host, port, user, tls }, passwordFile }: DemoServer) => ({ host, port, user, password: `file:${passwordFile}`, tls });
  const keyFile = join(folder, 'backup.key');
  writeFileSync(keyFile, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
  const staging = { folder: join(folder, 'staging'), limit: `${Math.round(stagingBytes / 2 ** 20)}MB` };
  const policy = { server: 'source', databases: [DATABASE], jobs, staging, proof: { after: 'never' }, ...(sealed ? { encryption: 'bench' } : {}) };
  writeFileSync(path, stringify({ version: 1, servers: { source: entryOf(source), target: entryOf(target) }, keys: { bench: `file:${keyFile}` }, backups: { [POLICY]: policy } }));
}
