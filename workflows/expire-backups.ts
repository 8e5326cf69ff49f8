/**
 * Removes the backups that a policy does not keep any more. What goes is decided and written down in one transaction, then
 * deleted one after the other; what the store does not let go stays written down, and the next run tries it again. One that
 * cannot be deleted does not hold up the others, and the run ends as failed, so that somebody looks.
 */
import { CancellationScope, isCancellation, setCurrentDetails, upsertSearchAttributes, uuid4, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';

import type { ExpiryPlan } from '../activities/backup/expire.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { bytesText } from '../domain/migration/progress.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { KIND_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';
import { parseInput } from './migration-input.ts';
import { patiently, quickly } from './proxies.ts';

export const expireBackupsInput = z.strictObject({
  policy: z.string().min(1).describe('A name under `backups` of the inventory.'),
  requestedBy: z.string().min(1).default('unknown').describe('Who asks; kept in the audit.'),
});

export type ExpireBackupsInput = z.input<typeof expireBackupsInput>;

export interface ExpireBackupsResult {
  readonly runId: string;
  readonly kept: number;
  readonly deleted: readonly string[];
  readonly bytes: number;
  /** Unfinished ones of runs that are over, which count as failed from now on. */
  readonly abandoned: readonly string[];
}

interface Refusal {
  readonly backupId: string;
  readonly problem: ErrorReport;
}

/** The store is asked again by the next night; here a passing fault is ridden out for about a minute. */
const deleting = { retry: { initialInterval: '1s', backoffCoefficient: 3, maximumAttempts: 5 } } as const;

export async function expireBackups(input: ExpireBackupsInput): Promise<ExpireBackupsResult> {
  const { policy, requestedBy } = parseInput(expireBackupsInput, input, { policy: 'shop-nightly', requestedBy: 'your name' });
  const runId = `${workflowInfo().startTime.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${uuid4().slice(0, 8)}`;
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'expire' }, { key: SUBJECT_ATTRIBUTE, value: policy }, { key: STATE_ATTRIBUTE, value: 'running' }]);
  try {
    const plan = await quickly.beginExpiry.executeWithOptions({ summary: `decide what expires of ${policy}` }, [{ runId, policy, requestedBy }]);
    const { deleted, bytes, refused } = await deleteAll(plan);
    setCurrentDetails(details(plan, { deleted, bytes, refused }));
    if (refused.length > 0) throw failureOf(refusal(refused));
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'completed' }]);
    return { runId, kept: plan.kept, deleted, bytes, abandoned: plan.abandoned };
  } catch (error) {
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'failed' }]);
    if (isCancellation(error)) throw error;
    throw failureOf(reportOfFailure(error));
  } finally {
    await CancellationScope.nonCancellable(() => quickly.dropBackupLocks.executeWithOptions({ summary: `let policy ${policy} go` }, [{ runId }]));
  }
}

interface Deleted {
  readonly deleted: readonly string[];
  readonly bytes: number;
  readonly refused: readonly Refusal[];
}

async function deleteAll(plan: ExpiryPlan): Promise<Deleted> {
  const deleted: string[] = [];
  const refused: Refusal[] = [];
  let bytes = 0;
  for (const { backupId, rule } of plan.going) {
    setCurrentDetails(details(plan, { deleted, bytes, refused }));
    try {
      const emptied = await patiently.deleteExpired.executeWithOptions({ ...deleting, summary: `delete ${backupId} (${rule})` }, [{ backupId }]);
      deleted.push(backupId);
      bytes += emptied.bytes;
    } catch (error) {
      if (isCancellation(error)) throw error;
      refused.push({ backupId, problem: reportOfFailure(error) });
    }
  }
  return { deleted, bytes, refused };
}

const refusal = (refused: readonly Refusal[]): ErrorReport => {
  const { problem } = refused[0]!;
  return { ...problem, message: `${refused.length} expired ${refused.length === 1 ? 'backup' : 'backups'} could not be deleted`, detail: refused.map((one) => `${one.backupId}: ${one.problem.message}.`).join(' ') };
};

const details = (plan: ExpiryPlan, { deleted, bytes, refused }: Deleted): string =>
  [
    `Keeps **${plan.kept}**, deleted **${deleted.length}** of **${plan.going.length}** (${bytesText(bytes)}).`,
    ...Object.entries(plan.keptBy).map(([rule, count]) => `- ${count} by \`${rule}\``),
    ...plan.abandoned.map((backupId) => `- ${backupId} was never finished and counts as failed`),
    ...refused.map(({ backupId, problem }) => `- **${backupId}** is still there: ${problem.message}`),
  ].join('\n');
