import { persist } from './attempts.ts';
import type { Container } from './container.ts';
import { blobsBelow } from './listing.ts';
import { isConflict } from './store-error.ts';

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

/** An object that is empty by right is left alone: it exists, so that the commit is refused. */
async function abandon({ client, prefix, patience }: Container, name: string): Promise<void> {
  const blob = client.getBlockBlobClient(name);
  await persist({ name: name.slice(prefix.length), patience }, async ({ signal }) => {
    const made = await blob.commitBlockList([], { abortSignal: signal, conditions: { ifNoneMatch: '*' } }).catch((error: unknown) => {
      if (isConflict(error)) return undefined;
      throw error;
    });
    if (made?.etag !== undefined) await blob.delete({ abortSignal: signal, conditions: { ifMatch: made.etag } });
  });
}
