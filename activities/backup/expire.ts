import { failAbandonedBackups } from '../../catalog/abandoned-backups.ts';
import { appendAudit } from '../../catalog/audit.ts';
import { policyLock } from '../../catalog/backup-locks.ts';
import { beginDeletions, completeDeletion, failDeletion, openDeletion, openDeletions, type BackupDeletion } from '../../catalog/backup-deletions.ts';
import { readRetentionQuestion } from '../../catalog/retention-question.ts';
import { entryNamed } from '../../config/entry-named.ts';
import { retentionOf } from '../../config/retention-policy.ts';
import { decideRetention } from '../../domain/backup/retention.ts';
import { reportOf } from '../../domain/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import { emptyFolder, type Emptied } from './empty-folder.ts';
import { endGoneRuns } from './end-gone-runs.ts';
import { holdLock } from './hold-lock.ts';

export interface ExpiryOrder {
  readonly runId: string;
  /** A name under `backups` of the inventory. */
  readonly policy: string;
  readonly requestedBy: string;
}

export interface ExpiryPlan {
  readonly kept: number;
  /** How many each rule keeps. */
  readonly keptBy: Readonly<Record<string, number>>;
  /** To be deleted now; also what earlier runs could not delete. */
  readonly going: readonly Pick<BackupDeletion, 'backupId' | 'rule' | 'reason'>[];
  /** Unfinished ones of runs that are over, which count as failed from now on. */
  readonly abandoned: readonly string[];
}

/**
 * Takes the policy for this run alone (B34), decides what expires and writes it into the outbox; nothing is deleted yet. Again
 * gives what is still to be deleted. Error: `already_running` naming who has the policy.
 */
export const beginExpiry =
  (deps: Dependencies) =>
  async ({ runId, policy, requestedBy }: ExpiryOrder): Promise<ExpiryPlan> => {
    const entry = entryNamed('backup policy', deps.inventory().backups, policy);
    await endGoneRuns(deps, runId);
    await holdLock(deps, { object: policyLock(policy), mode: 'alone', runId, purpose: 'expire' });
    const abandoned = await failAbandonedBackups(deps.catalog, policy);
    const verdicts = decideRetention(await readRetentionQuestion(deps.catalog, policy, retentionOf(entry)));
    const deletions = verdicts.filter(({ verdict }) => verdict === 'expire');
    const taken = await beginDeletions(deps.catalog, { runId, requestedBy, deletions });
    if (taken.length > 0) await appendAudit(deps.catalog, { eventId: `expire/${runId}`, actor: requestedBy, action: 'backup.expire', object: `policy ${policy}`, runId, detail: { deletions: deletions.filter(({ backupId }) => taken.includes(backupId)) }, result: 'done' });
    const kept = verdicts.filter(({ verdict }) => verdict === 'keep');
    const going = await openDeletions(deps.catalog, policy);
    return { kept: kept.length, keptBy: countsOf(kept.map(({ rule }) => rule)), going: going.map(({ backupId, rule, reason }) => ({ backupId, rule, reason })), abandoned };
  };

/**
 * Deletes what the outbox has for a backup, and looks whether it is gone. What fails stays in the outbox with its reason.
 * Errors: `store_failed`, `store_refused`, `retention_refused`.
 */
export const deleteExpired =
  (deps: Dependencies) =>
  async ({ backupId }: { backupId: string }): Promise<Emptied> => {
    const deletion = await openDeletion(deps.catalog, backupId);
    if (deletion === undefined) return { objects: 0, bytes: 0 };
    try {
      let objects = 0;
      const emptied = await beating(() => ({ backupId, objects }), () => emptyFolder(deps.store(deletion.store), deletion, (seen) => (objects = seen)));
      await completeDeletion(deps.catalog, { backupId, ...emptied });
      const { requestedBy, runId, rule } = deletion;
      await appendAudit(deps.catalog, { eventId: `deleted/${backupId}`, actor: requestedBy, action: 'backup.delete', object: `backup ${backupId}`, runId, detail: { rule, ...emptied }, result: 'done' });
      return emptied;
    } catch (error) {
      await failDeletion(deps.catalog, backupId, reportOf(error));
      throw error;
    }
  };

const countsOf = (rules: readonly string[]): Record<string, number> => Object.fromEntries([...Map.groupBy(rules, (rule) => rule)].map(([rule, all]) => [rule, all.length]));
