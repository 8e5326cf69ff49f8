import type { Command } from 'commander';

import { openDeletions, type BackupDeletion } from '../../catalog/backup-deletions.ts';
import { readRetentionQuestion } from '../../catalog/retention-question.ts';
import { connectClient } from '../../client/connect-client.ts';
import { runExpiry } from '../../client/expiry.ts';
import { asAnswerable } from '../../client/passing-trouble.ts';
import { entryNamed } from '../../config/entry-named.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { retentionOf } from '../../config/retention-policy.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { decideRetention, type RetentionQuestion, type RetentionVerdict } from '../../domain/backup/retention.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult, styled, textTable } from '../output.ts';
import { minuteText } from './report/words.ts';

interface ExpireOptions {
  readonly dryRun?: boolean;
  readonly by: string;
}

/** `pgconvoy backup expire`: what the retention of a policy lets go. */
export function registerExpire(backup: Command): void {
  backup
    .command('expire')
    .description('Removes the backups that a policy does not keep any more, as every night does after its backup. With --dry-run says of every backup which rule keeps it or lets it go, and removes nothing.')
    .argument('<policy>', 'its name in the inventory')
    .option('--dry-run', 'only say what would go, and why')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(expire);
}

async function expire(policy: string, { dryRun, by }: ExpireOptions, command: Command): Promise<void> {
  const entry = entryNamed('backup policy', loadInventory(findInventory(globalOptions(command).inventory)).backups, policy);
  if (dryRun === true) {
    const { question, waiting } = await withCatalog(command, async (catalog) => ({ question: await readRetentionQuestion(catalog, policy, retentionOf(entry)), waiting: await openDeletions(catalog, policy) }));
    const verdicts = decideRetention(question);
    printResult(command, { policy, dryRun: true, verdicts, waiting }, () => verdictsText(question, verdicts, waiting));
    return;
  }
  await using open = await connectClient(temporalConnection());
  const result = await runExpiry(open.client, { policy, requestedBy: by }).catch((error: unknown) => {
    throw asAnswerable(error, `the expiry of policy "${policy}"`);
  });
  printResult(command, result, () => `Keeps ${result.kept}, deleted ${result.deleted.length} (${bytesText(result.bytes)})${result.deleted.length === 0 ? '' : `:\n  ${result.deleted.join('\n  ')}`}`);
}

function verdictsText({ backups }: RetentionQuestion, verdicts: readonly RetentionVerdict[], waiting: readonly BackupDeletion[]): string {
  const byId = new Map(backups.map((backup) => [backup.backupId, backup]));
  const rows = verdicts.map(({ backupId, verdict, rule, reason, keptUntil }) => {
    const { database, state, snapshotAt, createdAt } = byId.get(backupId)!;
    return [backupId, database, minuteText(snapshotAt ?? createdAt), state, verdict === 'keep' ? verdict : styled('red', verdict), rule, `${reason}${keptUntil === null ? '' : ` Until ${minuteText(keptUntil)}.`}`];
  });
  const going = verdicts.filter(({ verdict }) => verdict === 'expire').length;
  return [
    rows.length === 0 ? 'There are no backups by this policy.' : textTable(['backup', 'database', 'snapshot (UTC)', 'state', 'verdict', 'rule', 'why'], rows),
    `${verdicts.length - going} stay, ${going} would go. Nothing was removed.`,
    ...waiting.map(({ backupId, attempts, error }) => `${backupId} is still to be deleted, after ${attempts} attempts${error === null ? '' : `: ${error.message}`}`),
  ].join('\n');
}
