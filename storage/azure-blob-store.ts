import { createHash, randomBytes } from 'node:crypto';

import { AnonymousCredential, type BlockBlobClient, ContainerClient, RestError, StorageSharedKeyCredential } from '@azure/storage-blob';

import { OperationError } from '../domain/errors.ts';
import type { AzureBlobAddress } from '../domain/store-address.ts';
import { Passing } from './passing.ts';
import { inBlocks } from './in-blocks.ts';
import { checkObjectName, objectExists, objectMissing, type ObjectStore, type PutObject, type PutReceipt } from './object-store.ts';

/** A blob has at most 50,000 blocks: 400 GB. https://learn.microsoft.com/rest/api/storageservices/put-block */
const BLOCK_BYTES = 8 * 1024 * 1024;

/** A container of Azure Blob storage, which is made when it is missing and we may. */
export function azureBlobStore(address: AzureBlobAddress): ObjectStore {
  const container = openContainer(address);
  const blobOf = (name: string): BlockBlobClient => container.getBlockBlobClient(address.prefix + checkObjectName(name));
  const ready = once(async () => await makeContainer(container));
  return {
    async put(object) {
      const blob = blobOf(object.name);
      await ready();
      return await putBlocks(blob, object);
    },
    get: (name) => download(blobOf(name), name),
    async *list(prefix) {
      await ready();
      try {
        for await (const { name, properties } of container.listBlobsFlat({ prefix: address.prefix + prefix })) {
          yield { name: name.slice(address.prefix.length), bytes: properties.contentLength ?? 0 };
        }
      } catch (error) {
        throw asStoreError(error, prefix);
      }
    },
    async delete(name) {
      const blob = blobOf(name);
      await ready(); // to delete in a container that is not there is an error
      await blob.deleteIfExists().catch(rethrow(name));
    },
  };
}

function openContainer({ endpoint, account, container, key, sas }: AzureBlobAddress): ContainerClient {
  const url = `${endpoint.replace(/\/$/, '')}/${container}`;
  if (key !== undefined) return new ContainerClient(url, new StorageSharedKeyCredential(account, key.reveal()));
  return new ContainerClient(sas === undefined ? url : `${url}?${sas.reveal().replace(/^\?/, '')}`, new AnonymousCredential());
}

/** A token for one container only may not create it, and need not. */
async function makeContainer(container: ContainerClient): Promise<void> {
  await container.createIfNotExists().catch((error: unknown) => {
    if (!(error instanceof RestError && error.statusCode === 403)) throw asStoreError(error, container.containerName);
  });
}

/**
 * Blocks first, the list that makes them a blob last, and only when all of the content came: `uploadStream` of the SDK
 * commits what it has when the content fails. Blocks that are never listed are removed by the service after a week.
 */
async function putBlocks(blob: BlockBlobClient, { name, content, signal }: PutObject): Promise<PutReceipt> {
  const passing = new Passing();
  const attempt = randomBytes(6).toString('hex'); // two attempts at one name must not mix their blocks
  const ids: string[] = [];
  const options = signal === undefined ? {} : { abortSignal: signal };
  for await (const block of inBlocks(passing.through(content), BLOCK_BYTES)) {
    const id = Buffer.from(`${attempt}-${String(ids.length).padStart(6, '0')}`).toString('base64');
    const md5 = createHash('md5').update(block).digest();
    await blob.stageBlock(id, block, block.length, { ...options, transactionalContentMD5: md5 }).catch(rethrow(name));
    ids.push(id);
  }
  await blob.commitBlockList(ids, { ...options, conditions: { ifNoneMatch: '*' } }).catch(rethrow(name));
  return { name, address: blob.url.split('?')[0]!, ...passing.end() };
}

async function* download(blob: BlockBlobClient, name: string): AsyncGenerator<Uint8Array> {
  try {
    const { readableStreamBody } = await blob.download();
    for await (const piece of readableStreamBody ?? []) yield piece as Buffer;
  } catch (error) {
    throw asStoreError(error, name);
  }
}

const rethrow = (name: string) => (error: unknown): never => {
  throw asStoreError(error, name);
};

/** By status alone, and without the request, whose address may carry a token. */
function asStoreError(error: unknown, name: string): unknown {
  if (error instanceof Error && error.name === 'AbortError') return new OperationError('interrupted', `the work on object ${name} was stopped`);
  if (!(error instanceof RestError)) return error;
  const { statusCode, code } = error;
  const detail = statusCode === undefined ? `The store does not answer (${code ?? 'no code'}).` : `The store answered ${statusCode}${code === undefined ? '' : ` ${code}`}.`;
  if (statusCode === 409 || statusCode === 412) return code === 'BlobAlreadyExists' || code === 'ConditionNotMet' ? objectExists(name) : new OperationError('store_failed', `the store failed with object ${name}`, { detail });
  if (statusCode === 404) return objectMissing(name);
  if (statusCode === 401 || statusCode === 403) return new OperationError('store_refused', `the store refused object ${name}`, { detail });
  return new OperationError('store_failed', `the store failed with object ${name}`, { detail });
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
