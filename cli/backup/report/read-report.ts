import { readRejections } from '../../../catalog/backup-proofs.ts';
import { listBackups, type BackupRow } from '../../../catalog/backups.ts';
import type { Catalog } from '../../../catalog/open-catalog.ts';
import { readRetentionQuestion } from '../../../catalog/retention-question.ts';
import type { BackupEntry, Inventory } from '../../../config/inventory-schema.ts';
import { retentionOf } from '../../../config/retention-policy.ts';
import { parseCron } from '../../../domain/backup/cron.ts';
import { buildReport, type BackupReport, type ReportedPolicy } from '../../../domain/backup/report.ts';
import { decideRetention } from '../../../domain/backup/retention.ts';
import { BACKUP_STATES } from '../../../domain/backup/states.ts';
import { parseDuration } from '../../../domain/durations.ts';

/** The report of every policy of the inventory, or of the one that is named, out of the catalog alone. */
export async function readReport(catalog: Catalog, inventory: Inventory, { policy, days }: { readonly policy?: string | undefined; readonly days: number }): Promise<BackupReport> {
  const wanted = Object.entries(inventory.backups).filter(([name]) => policy === undefined || name === policy);
  const policies: ReportedPolicy[] = [];
  let at = new Date().toISOString();
  for (const [name, entry] of wanted) {
    const question = await readRetentionQuestion(catalog, name, retentionOf(entry));
    at = question.now;
    const rejections = await readRejections(catalog, name);
    const backups = await listBackups(catalog, { policy: name, states: BACKUP_STATES });
    policies.push({ ...declaredOf(name, entry), backups: backups.map((backup) => withReason(backup, rejections)), verdicts: decideRetention(question) });
  }
  return buildReport({ at, days, policies });
}

/** A proof that rejects says why in its evidence, and leaves the backup as it was. */
function withReason(backup: BackupRow, rejections: ReadonlyMap<string, string>): BackupRow {
  const reason = rejections.get(backup.backupId);
  return backup.error !== null || reason === undefined ? backup : { ...backup, error: { code: 'backup_damaged', message: reason } };
}

function declaredOf(policy: string, { server, databases, format, schedule, objectives }: BackupEntry): Omit<ReportedPolicy, 'backups' | 'verdicts'> {
  const ms = (text: string | undefined): number | null => (text === undefined ? null : parseDuration(text)!);
  // A database that was taken out of the list, or a whole cluster, is no broken promise.
  const wanted = databases === 'all' || format === 'cluster' ? null : databases;
  return { policy, server, wanted, timeZone: schedule?.timeZone ?? 'UTC', times: schedule === undefined ? null : parseCron(schedule.cron)!, rpoMs: ms(objectives.rpo), rtoMs: ms(objectives.rto) };
}
