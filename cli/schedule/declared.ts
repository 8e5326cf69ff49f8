import { createHash } from 'node:crypto';

import { type DeclaredSchedule, drillSchedule } from '../../client/schedules.ts';
import type { BackupEntry, Inventory } from '../../config/inventory-schema.ts';
import { parseCron } from '../../domain/backup/cron.ts';
import { skippedTimes } from '../../domain/backup/skipped-times.ts';
import { canonicalJson, toJson } from '../../domain/canonical-json.ts';
import { parseDuration } from '../../domain/durations.ts';

/** What the policies and drills of the inventory want of Temporal; those without a schedule run only by hand. */
export const declaredSchedules = (inventory: Inventory): DeclaredSchedule[] => [
  ...Object.entries(inventory.backups).flatMap(([policy, entry]) => (entry.schedule === undefined ? [] : [declaredSchedule(policy, entry, entry.schedule)])),
  ...Object.entries(inventory.clusters).flatMap(([cluster, { drills }]) => Object.entries(drills).flatMap(([name, entry]) => (entry.schedule === undefined ? [] : [declaredSchedule(drillSchedule(cluster, name), entry, entry.schedule)]))),
];

function declaredSchedule(policy: string, entry: object, { cron, timeZone, catchUpWindow, jitter }: NonNullable<BackupEntry['schedule']>): DeclaredSchedule {
  const policyHash = createHash('sha256').update(canonicalJson(toJson(entry))).digest('hex').slice(0, 12);
  return { policy, times: parseCron(cron)!, timeZone, catchUpMs: parseDuration(catchUpWindow)!, jitterMs: parseDuration(jitter)!, policyHash };
}

const AHEAD_DAYS = 366;

/** Nights of the coming year on which a schedule makes no backup, because the time it names is not on the clock. */
export const clockWarnings = (declared: readonly DeclaredSchedule[]): string[] =>
  declared.flatMap(({ policy, times, timeZone }) =>
    skippedTimes(times, { timeZone, from: new Date().toISOString(), days: AHEAD_DAYS }).map(({ day, time }) => `${policy} ${policy.startsWith('drill/') ? 'is not held' : 'makes no backup'} at ${time} on ${day}: clocks in ${timeZone} are put forward over it. Choose another hour.`),
  );
