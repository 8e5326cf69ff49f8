import { appendAudit } from '../../catalog/audit.ts';
import { backupLock, dropLocks } from '../../catalog/backup-locks.ts';
import { type BackupRow, readBackup } from '../../catalog/backups.ts';
import { newestBackup } from '../../catalog/newest-backup.ts';
import { recordRun } from '../../catalog/runs.ts';
import { entryNamed } from '../../config/entry-named.ts';
import { isWhole } from '../../domain/backup/states.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { holdLock, ownWorkflow } from './hold-lock.ts';

export interface BackupUse {
  readonly runId: string;
  readonly kind: 'proof' | 'restore';
  readonly backup?: string | undefined;
  /** Instead of an id: the newest of this policy. A restore takes only a proven one without being told its id. */
  readonly newest?: string | undefined;
  readonly of?: string | undefined;
  readonly requestedBy: string;
  /** For the audit: where to, what of it. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The backup that is used. */
export interface UsedBackup {
  readonly backupId: string;
  readonly policy: string | null;
  readonly server: string;
  readonly database: string;
  readonly storedBytes: number | null;
  readonly rawBytes: number | null;
  /** How long its last restore took. */
  readonly restoreSeconds: number | null;
}

/**
 * Finds the backup, and keeps it from being removed until the run ends. Errors: `backup_unknown`, `not_now` for one that is
 * unfinished, failed or going, `already_running` naming who removes it.
 */
export const beginUse =
  (deps: Dependencies) =>
  async (use: BackupUse): Promise<UsedBackup> => {
    const backupId = use.backup ?? (await newestOf(deps, use)).backupId;
    await readBackup(deps.catalog, backupId);
    await holdLock(deps, { object: backupLock(backupId), mode: 'together', runId: use.runId, purpose: use.kind });
    const backup = await usable(deps, backupId, use).catch(async (error: unknown) => {
      await dropLocks(deps.catalog, use.runId);
      throw error;
    });
    await recordRun(deps.catalog, { runId: use.runId, kind: use.kind, subject: backupId, workflowId: ownWorkflow(), actor: use.requestedBy });
    await appendAudit(deps.catalog, { eventId: `${use.runId}/start`, actor: use.requestedBy, action: `${use.kind}.start`, object: `backup ${backupId}`, runId: use.runId, detail: use.detail, result: 'done' });
    const { policy, server, database, storedBytes, rawBytes, restoreSeconds } = backup;
    return { backupId, policy, server, database, storedBytes, rawBytes, restoreSeconds };
  };

async function newestOf(deps: Dependencies, { newest: policy, of, kind }: BackupUse): Promise<BackupRow> {
  if (policy === undefined) throw new OperationError('bug', 'neither a backup nor a policy was named');
  entryNamed('backup policy', deps.inventory().backups, policy);
  return await newestBackup(deps.catalog, { policy, database: of, provenOnly: kind === 'restore' });
}

/** Looked at once it is locked: before that it could have begun to go. */
async function usable(deps: Dependencies, backupId: string, { kind }: BackupUse): Promise<BackupRow> {
  const backup = await readBackup(deps.catalog, backupId);
  // A proof may overrule another one; a restore of what a proof has rejected is nobody's wish.
  if (isWhole(backup.state) || (kind === 'proof' && backup.state === 'rejected')) return backup;
  throw new OperationError('not_now', `backup "${backupId}" is ${backup.state} and cannot be ${kind === 'proof' ? 'verified' : 'restored'}`, {
    detail: backup.error === null ? undefined : `${backup.error.message}.`,
    hint: backup.state === 'rejected' ? `\`pgconvoy backup show ${backupId}\` says what was found; \`pgconvoy backup verify ${backupId}\` tries it again.` : '`pgconvoy backup list --proven` shows the ones that can be.',
    context: { backupId, state: backup.state },
  });
}
