import type { BlockBlobClient } from '@azure/storage-blob';

import { persist } from './attempts.ts';
import type { Container } from './container.ts';
import { blobsBelow } from './listing.ts';
import { isConflict, isMissing } from './store-error.ts';

/**
 * Drops blocks that no commit has used: an empty blob is committed, which forgets them, and removed. The service would keep
 * them for a week, and charge for them.
 */
export async function abandonStaged(container: Container, prefix: string): Promise<void> {
  await container.ready();
  for await (const { name, properties } of blobsBelow(container, container.prefix + prefix, { includeUncommitedBlobs: true })) {
    if (properties.contentLength === 0) await abandon(container, name);
  }
}

/** Says that a blob is empty only because its blocks were dropped, should we die before it is removed. */
const MARK = { abandoned: 'true' };

/** An object that is empty by right is left alone: it exists without the mark. */
async function abandon({ client, prefix, patience }: Container, name: string): Promise<void> {
  const blob = client.getBlockBlobClient(name);
  await persist({ name: name.slice(prefix.length), patience }, async ({ signal }) => {
    const etag = await emptied(blob, signal);
    if (etag === undefined) return;
    await blob.delete({ abortSignal: signal, conditions: { ifMatch: etag } }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  });
}

/** The etag of the empty blob, made now or by an attempt before; undefined: what is there is an object. */
async function emptied(blob: BlockBlobClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await blob.commitBlockList([], { abortSignal: signal, conditions: { ifNoneMatch: '*' }, metadata: MARK })).etag;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const { metadata, etag } = await blob.getProperties({ abortSignal: signal });
    return metadata?.['abandoned'] === MARK.abandoned ? etag : undefined;
  }
}
