import { AnonymousCredential, type BlockBlobClient, ContainerClient, RestError, StorageSharedKeyCredential } from '@azure/storage-blob';

import type { AzureBlobAddress } from '../../domain/store-address.ts';
import { checkObjectName } from '../object-store.ts';
import type { Patience } from '../patience.ts';
import { persist } from './attempts.ts';

/** A container, below the prefix that is ours in it. */
export interface Container {
  readonly client: ContainerClient;
  readonly prefix: string;
  readonly patience: Patience;
  /** How many names a page of a listing has; the service's own limit when absent. */
  readonly pageSize?: number;
  readonly blob: (name: string) => BlockBlobClient;
  /** Makes the container when it is missing; asked once. */
  readonly ready: () => Promise<void>;
}

export function openContainer(address: AzureBlobAddress, patience: Patience, pageSize?: number): Container {
  const client = clientOf(address);
  return {
    client,
    prefix: address.prefix,
    patience,
    ...(pageSize === undefined ? {} : { pageSize }),
    blob: (name) => client.getBlockBlobClient(address.prefix + checkObjectName(name)),
    ready: once(async () => await make(client, patience)),
  };
}

/** Requests are repeated by us, see `attempts.ts`. */
const OPTIONS = { retryOptions: { maxTries: 1 } };

/** The endpoint is used as it is given: other clouds and custom domains differ in nothing else, since we sign with the key or send a token. */
function clientOf({ endpoint, account, container, key, sas }: AzureBlobAddress): ContainerClient {
  const url = `${endpoint.replace(/\/$/, '')}/${container}`;
  if (key !== undefined) return new ContainerClient(url, new StorageSharedKeyCredential(account, key.reveal()), OPTIONS);
  return new ContainerClient(sas === undefined ? url : `${url}?${sas.reveal().replace(/^\?/, '')}`, new AnonymousCredential(), OPTIONS);
}

/** A token for one container only may not create it, and need not. */
async function make(client: ContainerClient, patience: Patience): Promise<void> {
  await persist({ name: client.containerName, patience }, async ({ signal }) => {
    await client.createIfNotExists({ abortSignal: signal }).catch((error: unknown) => {
      if (!(error instanceof RestError && error.statusCode === 403)) throw error;
    });
  });
}

/** Once it has succeeded, never again. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return async () => {
    done ??= work();
    await done.catch((error: unknown) => {
      done = undefined;
      throw error;
    });
  };
}
