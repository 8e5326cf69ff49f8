import type { AzureBlobAddress } from '../domain/store-address.ts';
import type { Persistence } from './azure/attempts.ts';
import { abandonStaged } from './azure/abandon.ts';
import { commitBlocks, putBlocks, putWhole, stageBlock, stagedBlocks } from './azure/blocks.ts';
import { openContainer } from './azure/container.ts';
import { deleteMany, deleteOne } from './azure/delete-many.ts';
import { download } from './azure/download.ts';
import { factsOf } from './azure/facts.ts';
import { blobsBelow, isFolder } from './azure/listing.ts';
import { checkObjectName, type ObjectStore } from './object-store.ts';
import { PATIENCE, type Patience } from './patience.ts';

/** A container of Azure Blob storage, which is made when it is missing and we may. */
export function azureBlobStore(address: AzureBlobAddress, patience: Patience = PATIENCE, pageSize?: number): ObjectStore {
  const container = openContainer(address, patience, pageSize);
  const how = (name: string, signal?: AbortSignal): Persistence => ({ name, patience, signal });
  return {
    async put(object) {
      const blob = container.blob(object.name);
      await container.ready();
      return await putBlocks(blob, how(object.name, object.signal), object);
    },
    get: (name, range, signal) => download(container.blob(name), how(name, signal), range),
    async *list(prefix) {
      await container.ready();
      for await (const item of blobsBelow(container, address.prefix + prefix)) {
        if (isFolder(item)) continue;
        yield { name: item.name.slice(address.prefix.length), bytes: item.properties.contentLength ?? 0, modifiedAt: item.properties.lastModified.toISOString() };
      }
    },
    async delete(name) {
      checkObjectName(name);
      await container.ready(); // to delete in a container that is not there is an error
      await deleteOne(container, address.prefix + name);
    },
    stagedBlocks: async (name) => await stagedBlocks(container.blob(name), how(name)),
    async stageBlock(block) {
      const blob = container.blob(block.name);
      await container.ready();
      await stageBlock(blob, how(block.name, block.signal), block);
    },
    async commitBlocks(order) {
      const blob = container.blob(order.name);
      await container.ready();
      await commitBlocks(blob, how(order.name, order.signal), order);
    },
    async putWhole(object) {
      const blob = container.blob(object.name);
      await container.ready();
      await putWhole(blob, how(object.name, object.signal), object);
    },
    abandonStaged: async (prefix) => await abandonStaged(container, prefix),
    stat: async (name) => await factsOf(container.blob(name), how(name)),
    async deleteMany(names) {
      await container.ready();
      await deleteMany(container, names.map(checkObjectName));
    },
  };
}
