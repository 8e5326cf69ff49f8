import { openBackup, type BackupPlace, type OpenBackup } from '../../activities/backup/open-backup.ts';
import { restoreInto, type Restored, type RestoreIntoOrder } from '../../activities/backup/restore-into.ts';
import type { ServerAddress } from '../../domain/server.ts';
import type { BackupKey } from '../../storage/archive/key.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { type SmallBackup, testClients } from './small-backup.ts';
import { uniqueName } from './unique-name.ts';

/** A small backup as the catalog would know it. */
export const placeOfSmall = (store: ObjectStore, { backupId, prefix, manifestSha256 }: SmallBackup, key?: BackupKey): BackupPlace => ({ backupId, prefix, store, keys: key === undefined ? [] : [key], manifestSha256, signed: key !== undefined });

export type RestoreWish = Partial<Omit<RestoreIntoOrder, 'backup' | 'server'>>;

/** Restores all of it into a new database, unless the wish says otherwise. */
export async function restoreSmall(place: BackupPlace, server: ServerAddress, wish: RestoreWish = {}): Promise<Restored & { readonly database: string; readonly backup: OpenBackup }> {
  const backup = await openBackup(place);
  const database = wish.database ?? uniqueName('restored');
  const order = { runId: uniqueName('run'), clients: testClients, selection: { schemas: [], tables: [] }, lanes: 3, owners: true, privileges: true, missingRoles: 'refuse' as const, signal: new AbortController().signal, tell: () => undefined, stopJobs: true };
  return { ...(await restoreInto({ ...order, ...wish, database, backup, server })), database, backup };
}
