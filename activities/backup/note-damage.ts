import { appendAudit } from '../../catalog/audit.ts';
import { changeBackup, type BackupRow } from '../../catalog/backups.ts';
import { isWhole } from '../../domain/backup/states.ts';
import { OperationError, reportOf } from '../../domain/errors.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Dependencies } from '../dependencies.ts';

export interface FoundBy {
  readonly runId: string;
  readonly requestedBy: string;
}

/**
 * A backup whose stored bytes a restore has found damaged does not count any more, as after a proof that rejected it (B31, B39):
 * retention keeps another one in its place. Errors of anything else, and an empty folder, which may be the wrong store, say
 * nothing of the backup.
 */
export async function noteDamage(deps: Pick<Dependencies, 'catalog' | 'store'>, { backupId, state, store, prefix }: BackupRow, error: unknown, { runId, requestedBy }: FoundBy): Promise<void> {
  if (!isWhole(state) || !(error instanceof OperationError) || !(await isDamage(error, deps.store(store), prefix))) return;
  await changeBackup(deps.catalog, backupId, { state: 'rejected', error: reportOf(error) });
  const evidence = [error.message, error.detail].filter(Boolean).join(': ');
  await appendAudit(deps.catalog, { eventId: `${runId}/damage`, actor: requestedBy, action: 'backup.reject', object: `backup ${backupId}`, runId, detail: { evidence }, result: 'done' });
}

async function isDamage({ code }: OperationError, store: ObjectStore, prefix: string): Promise<boolean> {
  if (code !== 'object_missing') return code === 'backup_damaged';
  for await (const _ of store.list(prefix)) return true;
  return false;
}
