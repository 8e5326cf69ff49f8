import type { BlobItem, ContainerListBlobsOptions } from '@azure/storage-blob';

import type { Container } from './container.ts';
import { persist } from './attempts.ts';

/** All blobs below a prefix, page by page, each page repeated when it fails. Names as the service has them. */
export async function* blobsBelow({ client, patience, pageSize }: Container, prefix: string, options: ContainerListBlobsOptions = {}): AsyncGenerator<BlobItem> {
  let continuationToken: string | undefined;
  do {
    const page = await persist({ name: prefix === '' ? `list of container ${client.containerName}` : prefix, patience }, async ({ signal }) => {
      const pages = client.listBlobsFlat({ ...options, prefix, includeMetadata: true, abortSignal: signal }).byPage({ ...(continuationToken === undefined ? {} : { continuationToken }), ...(pageSize === undefined ? {} : { maxPageSize: pageSize }) });
      const { value } = await pages.next();
      return value as { segment: { blobItems: BlobItem[] }; continuationToken?: string };
    });
    yield* page.segment.blobItems;
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined && continuationToken !== '');
}

/**
 * Accounts with a hierarchical namespace list the folders that their blobs lie in as if they were blobs.
 * https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-known-issues
 */
export const isFolder = ({ metadata }: BlobItem): boolean => metadata?.['hdi_isfolder'] === 'true';
