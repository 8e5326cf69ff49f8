import { MANIFEST_NAME } from '../../domain/backup/manifest.ts';
import { OperationError } from '../../domain/errors.ts';
import { release } from '../../storage/archive/own-memory.ts';
import { openBackup, type BackupPlace, type OpenBackup } from './open-backup.ts';

export interface StoredCheck {
  /** Empty: everything in the store is what was written. */
  readonly reasons: readonly string[];
  /** Undefined when there is not even a manifest to believe. */
  readonly backup: OpenBackup | undefined;
  /** Unpacked bytes that were read. */
  readonly bytes: number;
}

export interface CheckStoredOrder extends BackupPlace {
  /** Files that are read at once. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (bytes: number, object: string) => void;
}

/**
 * Reads everything of a backup, keeps nothing, and gives each thing that is not as the manifest says: without a server, so that
 * a damage is found by what it is (B4 to B9, B39). Errors that say nothing of the backup are thrown: of the store, and
 * `backup_key_missing` (B63).
 */
export async function checkStored(order: CheckStoredOrder): Promise<StoredCheck> {
  const opened = await verdictOf(() => openBackup(order));
  if (opened.value === undefined) return { reasons: [opened.reason ?? ''], backup: undefined, bytes: 0 };
  const backup = opened.value;
  const reasons = await compareListing(backup);
  const files = backup.manifest.files.toSorted((one, other) => one.rawBytes - other.rawBytes);
  let bytes = 0;
  const lane = async (): Promise<void> => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      const one = file;
      const { reason } = await verdictOf(async () => {
        for await (const piece of backup.read(one, order.signal)) {
          bytes += piece.length;
          release(piece);
          order.onProgress?.(bytes, one.object);
        }
      });
      if (reason !== undefined) reasons.push(reason);
    }
  };
  await Promise.all(Array.from({ length: order.lanes }, lane));
  return { reasons, backup, bytes };
}

/** What lies in the folder and is not in the manifest was put there by somebody else; nothing would ever read it. */
async function compareListing({ store, prefix, manifest }: OpenBackup): Promise<string[]> {
  const expected = new Set([MANIFEST_NAME, ...manifest.files.map(({ object }) => object)]);
  const reasons: string[] = [];
  for await (const { name } of store.list(prefix)) {
    if (!expected.has(name.slice(prefix.length))) reasons.push(`object ${name} is in the folder of the backup and not in its manifest`);
  }
  return reasons;
}

async function verdictOf<T>(work: () => Promise<T>): Promise<{ value?: T; reason?: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof OperationError) || (error.code !== 'backup_damaged' && error.code !== 'object_missing')) throw error;
    return { reason: [error.message, error.detail].filter(Boolean).join(': ') };
  }
}
