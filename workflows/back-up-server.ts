/**
 * One night of a policy: back up every database, prove each backup by restoring it, then remove what is not kept any more. A
 * database that fails does not hold up the others; the run ends as failed when one did, so that somebody looks.
 */
import { CancellationScope, executeChild, isCancellation, uuid4 } from '@temporalio/workflow';

import type { BegunBackupRun } from '../activities/backup/begin-backup-run.ts';
import type { BackupRunProgress, DatabaseProgress, DatabaseState } from '../domain/backup/run-progress.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { backUpDatabase } from './back-up-database.ts';
import { type BackUpServerInput, backUpServerInput } from './backup-input.ts';
import { BackupRun } from './backup-run.ts';
import { expireBackups } from './expire-backups.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { databaseWorkflowId, expiryWorkflowId, proofWorkflowId } from './messages.ts';
import { parseInput } from './migration-input.ts';
import { patiently, quickly } from './proxies.ts';
import { verifyBackup } from './verify-backup.ts';

export type BackUpServerResult = Pick<BackupRunProgress, 'runId' | 'policy' | 'sealed' | 'databases' | 'expiry'>;

export async function backUpServer(input: BackUpServerInput): Promise<BackUpServerResult> {
  const { policy, requestedBy, databases } = parseInput(backUpServerInput, input, { policy: 'shop-nightly', requestedBy: 'your name' });
  const run = new BackupRun(uuid4().replaceAll('-', '').slice(0, 10), policy);
  const { runId } = run.progress;
  const end = (state: 'completed' | 'failed' | 'aborted', error?: ErrorReport): Promise<void> =>
    quickly.endBackupRun.executeWithOptions({ summary: 'record the end' }, [{ runId, kind: 'backup', object: `policy ${policy}`, by: requestedBy, end: { state, ...(error === undefined ? { result: run.progress.databases } : { error }) } }]);
  try {
    const begun = await patiently.beginBackupRun.executeWithOptions({ summary: `take policy ${policy}` }, [{ runId, policy, requestedBy, ...(databases === undefined ? {} : { databases }) }]);
    run.begun(begun);
    await backUpAll(run, begun, requestedBy);
    if (begun.prove) await proveAll(run, requestedBy);
    // Recorded before anything expires: after a night that failed nothing does.
    await end(run.problem() === undefined ? 'completed' : 'failed', run.problem());
  } catch (error) {
    return await CancellationScope.nonCancellable(async () => {
      const problem: ErrorReport = isCancellation(error) ? { code: 'aborted', message: `the run of policy ${policy} was cancelled` } : reportOfFailure(error);
      const state = isCancellation(error) ? 'aborted' : 'failed';
      await end(state, problem);
      run.become(state, problem);
      throw isCancellation(error) ? error : failureOf(problem);
    });
  }
  const left = await expire(run, requestedBy);
  const problem = run.problem() ?? left;
  run.enter('end');
  run.become(problem === undefined ? 'completed' : 'failed', problem);
  if (problem !== undefined) throw failureOf(problem);
  const { sealed, databases: rows, expiry } = run.progress;
  return { runId, policy, sealed, databases: rows, ...(expiry === undefined ? {} : { expiry }) };
}

/** One after the other: a server that is asked for everything at once serves its applications badly. */
async function backUpAll(run: BackupRun, { databases }: BegunBackupRun, requestedBy: string): Promise<void> {
  const { runId, policy } = run.progress;
  run.enter('back up');
  for (const database of databases) {
    const workflowId = databaseWorkflowId(policy, database, runId);
    run.note(database, { state: 'dumping', workflowId });
    await withinNight(run, { database, otherwise: 'failed' }, async () => {
      const stored = await executeChild(backUpDatabase, { workflowId, args: [{ policy, database, requestedBy, runId }], staticSummary: `back up ${database}`, parentClosePolicy: 'REQUEST_CANCEL' });
      return { state: 'stored', ...stored };
    });
  }
}

async function proveAll(run: BackupRun, requestedBy: string): Promise<void> {
  run.enter('prove');
  for (const { database, backupId, state } of run.progress.databases) {
    if (backupId === undefined || state !== 'stored') continue;
    const workflowId = proofWorkflowId(backupId);
    run.note(database, { state: 'proving', workflowId });
    // Not proven is not rejected: what kept the proof from being made says nothing of the backup.
    await withinNight(run, { database, otherwise: 'stored' }, async () => {
      const { verdict, seconds, problem } = await executeChild(verifyBackup, { workflowId, args: [{ backup: backupId, requestedBy }], staticSummary: `prove ${backupId} of ${database}`, parentClosePolicy: 'REQUEST_CANCEL' });
      return { state: verdict, proofSeconds: seconds, ...(problem === undefined ? {} : { problem }) };
    });
  }
}

/** What fails for a database is noted, and the night goes on; a night that is cancelled ends. */
async function withinNight(run: BackupRun, { database, otherwise }: Pick<DatabaseProgress, 'database'> & { otherwise: DatabaseState }, work: () => Promise<Partial<DatabaseProgress>>): Promise<void> {
  try {
    run.note(database, await work());
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    run.note(database, { state: otherwise, problem: reportOfFailure(error) });
  }
}

/** Why what is not kept any more is still there; undefined when it is not. */
async function expire(run: BackupRun, requestedBy: string): Promise<ErrorReport | undefined> {
  const { policy } = run.progress;
  run.enter('expire');
  try {
    const { kept, deleted, bytes } = await executeChild(expireBackups, { workflowId: expiryWorkflowId(policy), args: [{ policy, requestedBy }], staticSummary: `expire backups of ${policy}`, parentClosePolicy: 'REQUEST_CANCEL' });
    run.expired({ kept, deleted: deleted.length, bytes });
    return undefined;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return reportOfFailure(error);
  }
}
