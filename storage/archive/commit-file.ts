import { createHash } from 'node:crypto';

import { OperationError } from '../../domain/errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { blockId } from './in-stored-blocks.ts';
import type { StagedFile } from './stage-file.ts';

/**
 * Makes a staged file an object. One that an earlier attempt of the same run has committed stays when it holds the same bytes;
 * another one is of a dump that did not come to its end, and is replaced. That the store has all of it is looked at by
 * `writeManifest`, for all files at once.
 */
export async function commitFile(store: ObjectStore, prefix: string, staged: StagedFile, signal: AbortSignal): Promise<void> {
  const { sha256, object } = staged.file;
  const name = prefix + object;
  const { ids, held, md5 } = staged;
  const make = async (): Promise<void> => await (held === null ? store.commitBlocks({ name, ids, md5, sha256, signal }) : store.putWhole({ name, content: held, md5, sha256, signal }));
  try {
    await make();
  } catch (error) {
    if (!(error instanceof OperationError && error.code === 'object_exists')) throw error;
    if (await holds(store, name, staged, signal)) return;
    await store.delete(name);
    if (held === null) return await make();
    // As a block, which the blocks that an earlier attempt may have left do not stand in the way of.
    const id = blockId(0, sha256);
    await store.stageBlock({ name, id, content: held, signal });
    await store.commitBlocks({ name, ids: [id], md5, sha256, signal });
  }
}

async function holds(store: ObjectStore, name: string, { file }: StagedFile, signal: AbortSignal): Promise<boolean> {
  const facts = await store.stat(name);
  if (facts?.bytes !== file.bytes) return false;
  return (facts.sha256 ?? (await sha256Of(store, name, signal))) === file.sha256;
}

async function sha256Of(store: ObjectStore, name: string, signal: AbortSignal): Promise<string> {
  const sha256 = createHash('sha256');
  for await (const piece of store.get(name, undefined, signal)) sha256.update(piece);
  return sha256.digest('hex');
}
