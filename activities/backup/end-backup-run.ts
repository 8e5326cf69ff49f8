import { appendAudit } from '../../catalog/audit.ts';
import { dropLocks } from '../../catalog/backup-locks.ts';
import { endRun, readRun, type RunEnd } from '../../catalog/runs.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Dependencies } from '../dependencies.ts';

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
    if (!(await hasBegun(deps, runId))) return;
    await endRun(deps.catalog, runId, end);
    await appendAudit(deps.catalog, { eventId: `${runId}/end`, actor: by, action: `${kind}.${end.state}`, object, runId, detail: { result: end.result ?? null, error: end.error ?? null }, result: end.state === 'failed' ? 'failed' : 'done' });
  };

async function hasBegun(deps: Dependencies, runId: string): Promise<boolean> {
  try {
    await readRun(deps.catalog, runId);
    return true;
  } catch (error) {
    if (error instanceof OperationError && error.code === 'run_unknown') return false;
    throw error;
  }
}
