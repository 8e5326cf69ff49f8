import { RestError } from '@azure/storage-blob';

import { OperationError } from '../../domain/errors.ts';
import { persist } from './attempts.ts';
import type { Container } from './container.ts';
import { blobsBelow, isFolder } from './listing.ts';
import { isMissing } from './store-error.ts';

/** https://learn.microsoft.com/rest/api/storageservices/blob-batch */
const MOST_PER_BATCH = 256;
/** Statuses of a batch as a whole that say that this account or service has no batches. */
const NO_BATCHES: readonly (number | undefined)[] = [400, 404, 405, 409, 501];

/** Removes blobs in batches, then looks at a listing for what is left: an answer of a batch is not believed. */
export async function deleteMany(container: Container, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  for (let start = 0; start < names.length; start += MOST_PER_BATCH) await deleteBatch(container, names.slice(start, start + MOST_PER_BATCH));
  const wanted = new Set(names.map((name) => container.prefix + name));
  const { left, hierarchical } = await lookAgain(container, wanted);
  for (const name of left) await deleteOne(container, name);
  if (hierarchical) await deleteFolders(container, wanted);
  if (left.length === 0) return;
  const still = (await lookAgain(container, wanted)).left;
  if (still.length === 0) return;
  throw new OperationError('store_failed', `${still.length} of ${names.length} objects could not be removed`, { detail: `The first of them is ${still[0]!.slice(container.prefix.length)}.` });
}

/** What a batch did not do shows in the listing that follows. */
async function deleteBatch(container: Container, names: readonly string[]): Promise<void> {
  await persist({ name: names[0]!, patience: container.patience }, async ({ signal }) => {
    const blobs = names.map((name) => container.blob(name));
    await container.client.getBlobBatchClient().deleteBlobs(blobs, { abortSignal: signal }).catch((error: unknown) => {
      if (!(error instanceof RestError && NO_BATCHES.includes(error.statusCode))) throw error;
    });
  });
}

/** `name` as the service has it. */
export async function deleteOne({ client, prefix, patience }: Container, name: string): Promise<void> {
  await persist({ name: name.slice(prefix.length), patience }, async ({ signal }) => {
    await client.deleteBlob(name, { abortSignal: signal }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  });
}

/** `hierarchical`: the account showed a folder. Without the slash at its end the common start finds the folder itself too. */
async function lookAgain(container: Container, wanted: ReadonlySet<string>): Promise<{ left: string[]; hierarchical: boolean }> {
  const left: string[] = [];
  let hierarchical = false;
  for await (const item of blobsBelow(container, commonStart([...wanted]).replace(/\/$/, ''))) {
    hierarchical ||= isFolder(item);
    if (wanted.has(item.name) && !isFolder(item)) left.push(item.name);
  }
  return { left, hierarchical };
}

/** Folders that our blobs lay in, the deepest first. One that still holds something is refused by the service, and stays. */
async function deleteFolders({ client, prefix }: Container, wanted: ReadonlySet<string>): Promise<void> {
  const folders = new Set<string>();
  for (const name of wanted) for (let end = name.lastIndexOf('/'); end > prefix.length; end = name.lastIndexOf('/', end - 1)) folders.add(name.slice(0, end));
  for (const folder of [...folders].toSorted((left, right) => right.length - left.length)) await client.deleteBlob(folder).catch(() => undefined);
}

function commonStart(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  let length = first.length;
  for (const name of rest) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
