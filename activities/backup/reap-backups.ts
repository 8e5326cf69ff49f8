import { type BackupRow, changeBackup, listBackups } from '../../catalog/backups.ts';
import { listRuns } from '../../catalog/runs.ts';
import type { ErrorReport } from '../../domain/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { emptyFolder } from './empty-folder.ts';
import { endGoneRun } from './end-gone-runs.ts';
import { isUnderWay } from './hold-lock.ts';

/** Runs to look through: one run of a policy at a time, so that few can have been left. */
const LOOKED_AT = 50;

const goneBy = (runId: string): ErrorReport => ({
  code: 'aborted',
  message: `run ${runId} ended without finishing this backup`,
  detail: 'Its workflow does not run any more: it was terminated, or Temporal lost it.',
});

/**
 * Ends what runs of a policy left behind whose workflow is gone: the runs, their locks, and backups that nobody will finish.
 * Left alone they would look like work in progress for ever.
 */
export async function reapBackups(deps: Dependencies, { policy, runId }: { policy: string; runId: string }): Promise<string[]> {
  const open = (await listRuns(deps.catalog, { kind: 'backup', subject: policy, limit: LOOKED_AT })).filter((run) => run.state === 'running' && run.runId !== runId);
  for (const run of open) if (!(await isUnderWay(run.workflowId))) await endGoneRun(deps, run);
  const unfinished = (await listBackups(deps.catalog, { policy, states: ['created', 'dumped'] })).filter((backup) => backup.runId !== runId);
  const alive = new Set((await listRuns(deps.catalog, { kind: 'backup', subject: policy, limit: LOOKED_AT })).filter(({ state }) => state === 'running').map((run) => run.runId));
  const gone = unfinished.filter((backup) => !alive.has(backup.runId));
  for (const backup of gone) await discard(deps, backup, goneBy(backup.runId));
  return gone.map(({ backupId }) => backupId);
}

/**
 * Marks an unfinished backup as failed, with the reason, and removes what it has in the store. In this order: from then on
 * no attempt that is still at work can finish it. What the store does not let go, retention sweeps.
 */
export async function discard(deps: Dependencies, backup: BackupRow, error: ErrorReport): Promise<void> {
  await changeBackup(deps.catalog, backup.backupId, { state: 'failed', error });
  await emptyFolder(deps.store(backup.store), backup, () => undefined).catch(() => undefined);
}
