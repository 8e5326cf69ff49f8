import { createHash, hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import type { BlockBlobClient, BlockBlobCommitBlockListOptions, BlockBlobUploadOptions } from '@azure/storage-blob';

import { inBlocks } from '../in-blocks.ts';
import { OperationError } from '../../domain/errors.ts';
import type { BlockOrder, PutObject, PutReceipt, StagedBlock, WholeObject } from '../object-store.ts';
import { Passing } from '../passing.ts';
import type { StallTimer } from '../patience.ts';
import { persist, type Persistence } from './attempts.ts';
import { isConflict, isMissing } from './store-error.ts';

/** Of an object that is put in one go. A blob has at most 50,000 blocks. https://learn.microsoft.com/rest/api/storageservices/put-block */
const BLOCK_BYTES = 8 * 1024 * 1024;
/** What is handed to the connection at once; the stall timer starts anew with each. */
const SLICE_BYTES = 256 * 1024;

const wireId = (id: string): string => Buffer.from(id).toString('base64');

/** The service compares the MD5 with what arrived, so that nothing is damaged on the way unnoticed. */
export async function stageBlock(blob: BlockBlobClient, how: Persistence, { id, content }: Pick<StagedBlock, 'id' | 'content'>): Promise<void> {
  const md5 = hash('md5', content, 'buffer');
  await persist(how, async ({ signal, timer }) => await blob.stageBlock(wireId(id), () => Readable.from(slices(content, timer), { objectMode: false }), content.length, { abortSignal: signal, transactionalContentMD5: md5 }));
}

function* slices(content: Uint8Array, timer: StallTimer): Generator<Uint8Array> {
  for (let start = 0; start < content.length; start += SLICE_BYTES) {
    timer.progress();
    yield content.subarray(start, start + SLICE_BYTES);
  }
}

/** Which blocks are there that no commit has used. */
export async function stagedBlocks(blob: BlockBlobClient, how: Persistence): Promise<ReadonlySet<string>> {
  return await persist(how, async ({ signal }) => {
    const found = await blob.getBlockList('uncommitted', { abortSignal: signal }).catch(emptyWhenMissing);
    return new Set((found.uncommittedBlocks ?? []).map((block) => Buffer.from(block.name, 'base64').toString()));
  });
}

function emptyWhenMissing(error: unknown): { uncommittedBlocks?: { name: string }[] } {
  if (isMissing(error)) return {};
  throw error;
}

/** The MD5 of the whole is not computed by the service when blocks are put together: it keeps what we say. */
export async function commitBlocks(blob: BlockBlobClient, how: Persistence, { ids, md5, sha256 }: Omit<BlockOrder, 'name'>): Promise<void> {
  await commit(blob, how, ids, { blobHTTPHeaders: { blobContentMD5: md5 }, metadata: { sha256 } });
}

async function commit(blob: BlockBlobClient, how: Persistence, ids: readonly string[], options: CreateOptions): Promise<void> {
  await create(blob, how, options, async (own) => void (await blob.commitBlockList(ids.map(wireId), own)));
}

/** The service tells the MD5 of what arrived; the SDK has no way to let it refuse another. */
export async function putWhole(blob: BlockBlobClient, how: Persistence, { content, md5, sha256 }: Omit<WholeObject, 'name'>): Promise<void> {
  await create(blob, how, { blobHTTPHeaders: { blobContentMD5: md5 }, metadata: { sha256 } }, async (own) => {
    const { contentMD5 } = await blob.upload(content, content.length, own);
    if (contentMD5 === undefined || Buffer.from(md5).equals(contentMD5)) return;
    await blob.deleteIfExists();
    throw new OperationError('store_failed', `the store failed with object ${how.name}`, { detail: 'Other bytes arrived than were sent.' });
  });
}

type CreateOptions = (BlockBlobCommitBlockListOptions & BlockBlobUploadOptions) & { metadata: Record<string, string> };

/** A conflict with what an earlier attempt made, whose answer was lost, is none: its metadata say that it is ours. */
async function create(blob: BlockBlobClient, how: Persistence, options: CreateOptions, send: (options: CreateOptions) => Promise<void>): Promise<void> {
  await persist(how, async ({ number, signal }) => {
    await send({ ...options, abortSignal: signal, conditions: { ifNoneMatch: '*' } }).catch(async (error: unknown) => {
      if (!(isConflict(error) && number > 1 && (await isOurs(blob, options.metadata, signal)))) throw error;
    });
  });
}

async function isOurs(blob: BlockBlobClient, ours: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean> {
  const { metadata } = await blob.getProperties({ abortSignal: signal });
  return Object.entries(ours).every(([name, value]) => metadata?.[name] === value);
}

/**
 * Blocks first, the list that makes them a blob last, and only when all of the content came: `uploadStream` of the SDK
 * commits what it has when the content fails. Blocks that are never listed are removed by the service after a week.
 */
export async function putBlocks(blob: BlockBlobClient, how: Persistence, { name, content }: PutObject): Promise<PutReceipt> {
  const passing = new Passing();
  const md5 = createHash('md5');
  const attempt = randomBytes(6).toString('hex'); // two attempts at one name must not mix their blocks
  const ids: string[] = [];
  for await (const block of inBlocks(passing.through(content), BLOCK_BYTES)) {
    const id = `${attempt}-${String(ids.length).padStart(6, '0')}`;
    await stageBlock(blob, how, { id, content: block });
    md5.update(block);
    ids.push(id);
  }
  await commit(blob, how, ids, { blobHTTPHeaders: { blobContentMD5: md5.digest() }, metadata: { attempt } });
  return { name, address: blob.url.split('?')[0]!, ...passing.end() };
}
