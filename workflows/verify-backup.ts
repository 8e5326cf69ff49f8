/**
 * Proves a backup: restores it into a throwaway server, compares it with what was dumped, removes the server. The verdict is a
 * result, also when it is bad; the workflow fails only when no verdict could be had.
 */
import { CancellationScope, isCancellation, setCurrentDetails, upsertSearchAttributes, uuid4 } from '@temporalio/workflow';

import type { ErrorReport } from '../domain/errors.ts';
import { type VerifyBackupInput, verifyBackupInput } from './backup-input.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { KIND_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';
import { parseInput } from './migration-input.ts';
import { onDataWorkers, quickly } from './proxies.ts';

export interface VerifyBackupResult {
  readonly runId: string;
  readonly backupId: string;
  readonly database: string;
  readonly verdict: 'proven' | 'rejected';
  /** All in all, and by part. */
  readonly seconds: number;
  readonly parts: Readonly<Record<string, number>>;
  /** Why it was rejected. */
  readonly problem?: ErrorReport;
}

/** The reasons that fit into a line. */
const REASONS_SHOWN = 20;

export async function verifyBackup(input: VerifyBackupInput): Promise<VerifyBackupResult> {
  const { requestedBy, ...which } = parseInput(verifyBackupInput, input, { backup: '20261120T020000Z-0123abcd', requestedBy: 'your name' });
  const runId = uuid4().replaceAll('-', '').slice(0, 10);
  let object = `backup ${which.backup ?? `of ${which.newest}`}`;
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'proof' }, { key: SUBJECT_ATTRIBUTE, value: which.backup ?? which.newest! }, { key: STATE_ATTRIBUTE, value: 'running' }]);
  const end = async (state: 'completed' | 'failed' | 'aborted', outcome: { result?: VerifyBackupResult; error?: ErrorReport }): Promise<void> =>
    await quickly.endBackupRun.executeWithOptions({ summary: 'record the end' }, [{ runId, kind: 'proof', object, by: requestedBy, end: { state, ...outcome } }]);
  try {
    const { backupId, database } = await quickly.beginUse.executeWithOptions({ summary: 'find the backup and keep it' }, [{ ...which, runId, kind: 'proof', requestedBy, detail: {} }]);
    object = `backup ${backupId}`;
    setCurrentDetails(`Restoring \`${backupId}\` of **${database}** into a throwaway server · run \`${runId}\``);
    const { verdict, reasons, seconds: parts } = await onDataWorkers.proveBackup.executeWithOptions({ summary: `restore and compare ${backupId}` }, [{ backupId, runId }]);
    const seconds = Object.values(parts).reduce((sum, part) => sum + part, 0);
    const problem = verdict === 'proven' ? undefined : rejection(backupId, reasons);
    const result: VerifyBackupResult = { runId, backupId, database, verdict, seconds, parts, ...(problem === undefined ? {} : { problem }) };
    setCurrentDetails(details(result, reasons));
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: verdict }]);
    await end('completed', { result });
    return result;
  } catch (error) {
    return await CancellationScope.nonCancellable(async () => {
      const state = isCancellation(error) ? 'aborted' : 'failed';
      const problem: ErrorReport = isCancellation(error) ? { code: 'aborted', message: `the proof of ${object} was cancelled` } : reportOfFailure(error);
      setCurrentDetails(`**${problem.code}**: ${problem.message}\n\n${problem.detail ?? ''}\n\n${problem.hint ?? ''}`);
      upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: state }]);
      await end(state, { error: problem });
      throw isCancellation(error) ? error : failureOf(problem);
    });
  }
}

const rejection = (backupId: string, reasons: readonly string[]): ErrorReport => ({
  code: 'proof_failed',
  message: `backup ${backupId} is rejected`,
  detail: [...reasons.slice(0, REASONS_SHOWN), ...(reasons.length > REASONS_SHOWN ? [`and ${reasons.length - REASONS_SHOWN} more`] : [])].join('\n'),
  hint: `\`pgconvoy backup show ${backupId}\` has all of it; the backups before this one are not touched.`,
});

const details = ({ backupId, database, verdict, parts }: VerifyBackupResult, reasons: readonly string[]): string =>
  [
    `\`${backupId}\` of **${database}** is **${verdict}**`,
    '',
    `| ${Object.keys(parts).join(' | ')} |`,
    `| ${Object.keys(parts).map(() => '---').join(' | ')} |`,
    `| ${Object.values(parts).map((part) => `${part.toFixed(1)} s`).join(' | ')} |`,
    '',
    ...reasons.slice(0, REASONS_SHOWN).map((reason) => `- ${reason}`),
  ].join('\n');
