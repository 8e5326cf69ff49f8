import { createHash, hash, randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';

import { Secret } from '../../domain/secret.ts';
import type { AzureBlobAddress } from '../../domain/store-address.ts';
import { startAzurite } from '../../programs/azurite.ts';
import { stopDetached } from '../../programs/detached-process.ts';
import { freePort } from '../../programs/ports.ts';
import { azureBlobStore } from '../../storage/azure-blob-store.ts';
import type { BlockOrder, ObjectStore } from '../../storage/object-store.ts';
import type { Patience } from '../../storage/patience.ts';
import { type FaultProxy, type SeenRequest, startFaultProxy } from '../support/fault-proxy.ts';
import { pieces } from './store-contract.ts';

export const ACCOUNT = 'faults';
export const IMPATIENT: Patience = { attempts: 4, firstDelayMs: 10, longestDelayMs: 40, stallMs: 5_000 };

type Fits = (request: Pick<SeenRequest, 'method' | 'path'>) => boolean;
export const PUT_BLOCK: Fits = ({ method, path }) => method === 'PUT' && /comp=block(&|$)/.test(path);
export const COMMIT: Fits = ({ method, path }) => method === 'PUT' && path.includes('comp=blocklist');
export const READ: Fits = ({ method, path }) => method === 'GET' && !path.includes('comp=');
export const LIST: Fits = ({ method, path }) => method === 'GET' && path.includes('comp=list');
export const BATCH: Fits = ({ method, path }) => method === 'POST' && path.includes('comp=batch');
export const HEAD: Fits = ({ method }) => method === 'HEAD';
export const DELETE: Fits = ({ method }) => method === 'DELETE';

/** A real Azurite behind a proxy that misbehaves as it is told to; every test has a container of its own, with one object. */
export interface FaultyAzure {
  readonly proxy: FaultProxy;
  readonly container: string;
  /** Of the container, without patience. */
  readonly store: ObjectStore;
  readonly credential: StorageSharedKeyCredential;
  readonly open: (more?: Partial<AzureBlobAddress>, patience?: Patience, pageSize?: number) => ObjectStore;
  /** Of the container, past our code. */
  readonly client: () => ContainerClient;
}

/** For a file of tests; its members may be used within tests. */
export function faultyAzure(): FaultyAzure {
  const key = new Secret(randomBytes(64).toString('base64'));
  const folder = join(inject('runFolder'), `azurite-${randomBytes(4).toString('hex')}`);
  const pidFile = join(folder, 'process.json');
  const bed = {
    credential: new StorageSharedKeyCredential(ACCOUNT, key.reveal()),
    open: (more: Partial<AzureBlobAddress> = {}, patience: Patience = IMPATIENT, pageSize?: number) =>
      azureBlobStore({ kind: 'azure-blob', endpoint: endpoint(), account: ACCOUNT, container: bed.container, prefix: 'some/where/', ...(more.sas === undefined ? { key } : {}), ...more }, patience, pageSize),
    client: () => new ContainerClient(`${endpoint()}/${bed.container}`, bed.credential),
  } as { -readonly [Member in keyof FaultyAzure]: FaultyAzure[Member] };
  const endpoint = (): string => `http://127.0.0.1:${bed.proxy.port}/${ACCOUNT}`;
  beforeAll(async () => {
    const port = await freePort();
    await startAzurite({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), pidFile, account: { name: ACCOUNT, key }, port });
    bed.proxy = await startFaultProxy(port);
  });
  afterAll(async () => {
    await bed.proxy[Symbol.asyncDispose]();
    await stopDetached(pidFile);
  });
  beforeEach(async () => {
    bed.container = `faults-${randomBytes(4).toString('hex')}`;
    bed.store = bed.open();
    await bed.store.put({ name: 'there', content: pieces('there') }); // the container is made
    bed.proxy.seen.length = 0;
  });
  afterEach(() => expect(bed.proxy.clear(), 'faults that no request has met').toBe(0));
  return bed;
}

export const orderOf = (name: string, content: Buffer, ids: readonly string[]): BlockOrder => ({ name, ids, sha256: hash('sha256', content), md5: createHash('md5').update(content).digest() });

export async function stageAll(store: ObjectStore, name: string, blocks: readonly Buffer[]): Promise<string[]> {
  const ids = blocks.map((_, index) => `00000${index}-x`);
  for (const [index, content] of blocks.entries()) await store.stageBlock({ name, id: ids[index]!, content });
  return ids;
}

export async function namesIn(store: ObjectStore, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list(prefix)) names.push(name);
  return names;
}
