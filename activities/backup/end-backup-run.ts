import { appendAudit } from '../../catalog/audit.ts';
import { dropLocks } from '../../catalog/backup-locks.ts';
import { endRun, type RunEnd } from '../../catalog/runs.ts';
import type { Dependencies } from '../dependencies.ts';
import { findRun } from './end-gone-runs.ts';

export interface BackupRunEnd {
  readonly runId: string;
  /** `backup`, `proof`, `restore`: what the audit calls it. */
  readonly kind: string;
  /** With its kind: `policy shop-nightly`. */
  readonly object: string;
  readonly by: string;
  readonly end: RunEnd;
}

/** Writes down how a run ended, in the catalog and in the audit, and drops its locks. A run that never began leaves no trace. */
export const endBackupRun =
  (deps: Dependencies) =>
  async ({ runId, kind, object, by, end }: BackupRunEnd): Promise<void> => {
    await dropLocks(deps.catalog, runId);
    if ((await findRun(deps, runId)) === undefined) return;
    await endRun(deps.catalog, runId, end);
    await appendAudit(deps.catalog, { eventId: `${runId}/end`, actor: by, action: `${kind}.${end.state}`, object, runId, detail: { result: end.result ?? null, error: end.error ?? null }, result: end.state === 'failed' ? 'failed' : 'done' });
  };
