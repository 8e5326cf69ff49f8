import { MANIFEST_NAME } from '../../domain/backup/manifest.ts';
import { OperationError } from '../../domain/errors.ts';
import type { ObjectStore, StoredObject } from '../../storage/object-store.ts';

export interface Emptied {
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Removes everything of a backup. The manifest goes first: what is left of a deletion that breaks off is no backup any
 * more. Believes nothing but a listing at the end; objects that were added meanwhile are removed as well.
 */
export async function emptyFolder(store: ObjectStore, backup: { readonly backupId: string; readonly prefix: string }, onSeen: (objects: number) => void): Promise<Emptied> {
  assertOwnFolder(backup);
  let [objects, bytes] = [0, 0];
  for (let pass = 0; pass < PASSES; pass += 1) {
    const found = await all(store.list(backup.prefix));
    if (found.length === 0) {
      await store.abandonStaged(backup.prefix);
      return { objects, bytes };
    }
    if (pass === PASSES - 1) throw stillThere(backup.prefix, found);
    objects += pass === 0 ? found.length : 0;
    bytes += pass === 0 ? found.reduce((sum, object) => sum + object.bytes, 0) : 0;
    onSeen(objects);
    await store.delete(backup.prefix + MANIFEST_NAME);
    await store.deleteMany(found.map(({ name }) => name));
  }
  throw new OperationError('bug', `the loop over folder ${backup.prefix} has no end`);
}

/** Two deletions, and the listing that has to be empty. */
const PASSES = 3;

/** A prefix that is too short would take other backups with it. */
function assertOwnFolder({ backupId, prefix }: { readonly backupId: string; readonly prefix: string }): void {
  const parts = prefix.split('/');
  if (parts.length >= 4 && parts.at(-1) === '' && parts.at(-2) === backupId && parts.slice(0, -1).every((part) => part !== '')) return;
  throw new OperationError('bug', `folder ${prefix} is not the folder of backup ${backupId}`);
}

const stillThere = (prefix: string, found: readonly StoredObject[]): OperationError =>
  new OperationError('retention_refused', `the store keeps ${found.length} objects below ${prefix} although they were deleted`, {
    detail: `The first is ${found[0]!.name}.`,
    hint: 'Look for an immutability policy or a legal hold on the container; the deletion is tried again by the next expiry.',
    context: { objects: found.length },
  });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
