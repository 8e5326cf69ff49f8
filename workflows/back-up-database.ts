/**
 * Backs up one database of a policy: a backup that is begun is either stored whole or marked as failed, and then leaves nothing
 * in the store. Started by itself it is a run of the policy with this database only.
 */
import { CancellationScope, isCancellation, setCurrentDetails, upsertSearchAttributes, uuid4 } from '@temporalio/workflow';

import type { ErrorReport } from '../domain/errors.ts';
import { bytesText } from '../domain/migration/progress.ts';
import { type BackUpDatabaseInput, backUpDatabaseInput } from './backup-input.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { KIND_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';
import { parseInput } from './migration-input.ts';
import { onDataWorkers, patiently, quickly } from './proxies.ts';

export interface BackUpDatabaseResult {
  readonly backupId: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly tables: number;
  readonly rows: number;
  readonly dumpSeconds: number;
}

export async function backUpDatabase(input: BackUpDatabaseInput): Promise<BackUpDatabaseResult> {
  const { policy, database, requestedBy, runId: given } = parseInput(backUpDatabaseInput, input, { policy: 'shop-nightly', database: 'shop', requestedBy: 'your name' });
  const runId = given ?? uuid4().replaceAll('-', '').slice(0, 10);
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'backup' }, { key: SUBJECT_ATTRIBUTE, value: policy }, { key: STATE_ATTRIBUTE, value: 'running' }]);
  setCurrentDetails(`Backing up **${database}** as policy **${policy}** says · run \`${runId}\``);
  /** The run is ended by who began it. */
  const end = async (state: 'completed' | 'failed' | 'aborted', outcome: { result?: BackUpDatabaseResult; error?: ErrorReport }): Promise<void> => {
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: state }]);
    if (given === undefined) await quickly.endBackupRun.executeWithOptions({ summary: 'record the end' }, [{ runId, kind: 'backup', object: `policy ${policy}`, by: requestedBy, end: { state, ...outcome } }]);
  };
  try {
    if (given === undefined) await patiently.beginBackupRun.executeWithOptions({ summary: `take policy ${policy}` }, [{ runId, policy, requestedBy, databases: [database] }]);
    const { backupId } = await patiently.beginBackup.executeWithOptions({ summary: `begin a backup of ${database}` }, [{ runId, policy, database }]);
    const { storedBytes, rawBytes, tables, rows, seconds } = await onDataWorkers.dumpDatabase.executeWithOptions({ summary: `dump and store ${backupId}` }, [{ backupId }]);
    const result: BackUpDatabaseResult = { backupId, storedBytes, rawBytes, tables, rows, dumpSeconds: seconds };
    setCurrentDetails(details(database, result));
    await end('completed', { result });
    return result;
  } catch (error) {
    return await CancellationScope.nonCancellable(async () => {
      const problem: ErrorReport = isCancellation(error) ? { code: 'aborted', message: `the backup of ${database} was cancelled` } : reportOfFailure(error);
      setCurrentDetails(`**${problem.code}**: ${problem.message}\n\n${problem.detail ?? ''}\n\n${problem.hint ?? ''}`);
      await patiently.discardBackup.executeWithOptions({ summary: 'remove what the store has of it' }, [{ runId, database, error: problem }]);
      await end(isCancellation(error) ? 'aborted' : 'failed', { error: problem });
      throw isCancellation(error) ? error : failureOf(problem);
    });
  }
}

const details = (database: string, { backupId, storedBytes, rawBytes, tables, rows, dumpSeconds }: BackUpDatabaseResult): string =>
  [
    `**${database}** is stored as \`${backupId}\``,
    '',
    '| stored | uncompressed | tables | rows | took |',
    '| --- | --- | --- | --- | --- |',
    `| ${bytesText(storedBytes)} | ${bytesText(rawBytes)} | ${tables} | ${rows} | ${dumpSeconds.toFixed(1)} s |`,
  ].join('\n');
