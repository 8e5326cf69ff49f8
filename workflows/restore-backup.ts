/**
 * Restores a backup into a new database, on any server of the inventory. What is restored is compared with
 * what was dumped while it is written; a restore that fails leaves a database that cannot be mistaken for a good one.
 */
import { CancellationScope, isCancellation, setCurrentDetails, upsertSearchAttributes, uuid4 } from '@temporalio/workflow';

import type { RestoredDatabase } from '../activities/backup/restore-database.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { bytesText } from '../domain/migration/progress.ts';
import { type RestoreBackupInput, restoreBackupInput } from './backup-input.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { KIND_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';
import { parseInput } from './migration-input.ts';
import { onDataWorkers, quickly } from './proxies.ts';

export interface RestoreBackupResult extends RestoredDatabase {
  readonly runId: string;
  readonly server: string;
  readonly database: string;
}

export async function restoreBackup(input: RestoreBackupInput): Promise<RestoreBackupResult> {
  const sample = { backup: '20261120T020000Z-0123abcd', server: 'shop-new', database: 'shop', requestedBy: 'your name' };
  const { requestedBy, server, database, schemas, tables, owners, privileges, missingRoles, backup, newest, of } = parseInput(restoreBackupInput, input, sample);
  const runId = uuid4().replaceAll('-', '').slice(0, 10);
  const parts = { ...(schemas === undefined ? {} : { schemas }), ...(tables === undefined ? {} : { tables }) };
  let object = `backup ${backup ?? `of ${newest}`}`;
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'restore' }, { key: SUBJECT_ATTRIBUTE, value: server }, { key: STATE_ATTRIBUTE, value: 'running' }]);
  const end = async (state: 'completed' | 'failed' | 'aborted', outcome: { result?: RestoreBackupResult; error?: ErrorReport }): Promise<void> => {
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: state }]);
    await quickly.endBackupRun.executeWithOptions({ summary: 'record the end' }, [{ runId, kind: 'restore', object, by: requestedBy, end: { state, ...outcome } }]);
  };
  try {
    const used = await quickly.beginUse.executeWithOptions({ summary: 'find the backup and keep it' }, [{ backup, newest, of, runId, kind: 'restore', requestedBy, detail: { server, database, ...parts } }]);
    object = `backup ${used.backupId}`;
    setCurrentDetails(`Restoring \`${used.backupId}\` of **${used.database}** into database **${database}** on server **${server}** · run \`${runId}\``);
    const restored = await onDataWorkers.restoreDatabase.executeWithOptions({ summary: `restore ${used.backupId} into ${database} on ${server}` }, [{ backupId: used.backupId, runId, server, database, owners, privileges, missingRoles, requestedBy, ...parts }]);
    const result: RestoreBackupResult = { ...restored, runId, server, database };
    setCurrentDetails(details(result));
    // A cancellation that comes now comes too late: the database is there.
    await CancellationScope.nonCancellable(async () => await end('completed', { result }));
    return result;
  } catch (error) {
    return await CancellationScope.nonCancellable(async () => {
      const problem: ErrorReport = isCancellation(error) ? { code: 'aborted', message: `the restore into ${database} on ${server} was cancelled`, hint: `Nothing is called ${database}; should there be a database pgconvoy_restore_${runId} still, drop it.` } : reportOfFailure(error);
      setCurrentDetails(`**${problem.code}**: ${problem.message}\n\n${problem.detail ?? ''}\n\n${problem.hint ?? ''}`);
      await end(isCancellation(error) ? 'aborted' : 'failed', { error: problem });
      throw isCancellation(error) ? error : failureOf(problem);
    });
  }
}

const details = ({ backupId, server, database, tables, rows, bytes, seconds, passwordNeeded, leftOut, subscriptions, jobs }: RestoreBackupResult): string =>
  [
    `\`${backupId}\` is restored into **${database}** on **${server}**`,
    '',
    '| tables | rows | uncompressed | took |',
    '| --- | --- | --- | --- |',
    `| ${tables} | ${rows} | ${bytesText(bytes)} | ${seconds.toFixed(1)} s |`,
    '',
    ...passwordNeeded.map((role) => `- role **${role}** was made and needs a password`),
    ...leftOut.map((what) => `- left out: ${what}`),
    ...subscriptions.map((name) => `- subscription **${name}** is disabled`),
    ...jobs.map((name) => `- job **${name}** is switched off`),
  ].join('\n');
