import type { BlockBlobClient } from '@azure/storage-blob';

import type { ObjectFacts } from '../object-store.ts';
import { persist, type Persistence } from './attempts.ts';
import { isMissing } from './store-error.ts';

export async function factsOf(blob: BlockBlobClient, how: Persistence): Promise<ObjectFacts | undefined> {
  return await persist(how, async ({ signal }) => {
    const found = await blob.getProperties({ abortSignal: signal }).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    return found && { bytes: found.contentLength ?? 0, sha256: found.metadata?.['sha256'] ?? null, modifiedAt: found.lastModified?.toISOString() ?? null };
  });
}
