import { appendAudit } from '../../catalog/audit.ts';
import { dropLocks, listLocks } from '../../catalog/backup-locks.ts';
import { endRun, readRun, type Run } from '../../catalog/runs.ts';
import { type ErrorReport, OperationError } from '../../domain/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { isUnderWay } from './hold-lock.ts';

/** Ends the runs whose workflow is gone without having dropped its locks: what they kept from expiring may go again. */
export async function endGoneRuns(deps: Dependencies, ownRunId: string): Promise<void> {
  const holders = new Map((await listLocks(deps.catalog)).map(({ runId, workflowId }) => [runId, workflowId]));
  holders.delete(ownRunId);
  for (const [runId, workflowId] of holders) if (!(await isUnderWay(workflowId))) await endGoneRun(deps, { runId, workflowId });
}

/** Again changes nothing. An expiry has locks and no row. */
export async function endGoneRun(deps: Dependencies, { runId, workflowId }: Pick<Run, 'runId' | 'workflowId'>): Promise<void> {
  const run = await findRun(deps, runId);
  if (run?.state === 'running') {
    const error: ErrorReport = { code: 'aborted', message: `workflow ${workflowId} does not run any more` };
    await endRun(deps.catalog, runId, { state: 'aborted', error });
    await appendAudit(deps.catalog, { eventId: `${runId}/end`, actor: 'pgconvoy', action: `${run.kind}.aborted`, object: objectOf(run), runId, detail: { error: { ...error } }, result: 'done' });
  }
  await dropLocks(deps.catalog, runId);
}

const objectOf = ({ kind, subject }: Run): string => `${kind === 'backup' ? 'policy' : 'backup'} ${subject}`;

/** A run that never got so far as to be written down is none. */
export async function findRun(deps: Dependencies, runId: string): Promise<Run | undefined> {
  try {
    return await readRun(deps.catalog, runId);
  } catch (error) {
    if (error instanceof OperationError && error.code === 'run_unknown') return undefined;
    throw error;
  }
}
