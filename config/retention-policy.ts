import type { RetentionPolicy } from '../domain/backup/retention.ts';
import { parseDuration } from '../domain/durations.ts';
import type { BackupEntry } from './inventory-schema.ts';

/** What a policy of the inventory says about keeping. Its days begin in the time zone of its schedule. */
export function retentionOf({ retention, schedule }: BackupEntry): RetentionPolicy {
  const { keepLast, keepFor, daily, weekly, monthly, yearly, minimumProven } = retention;
  return { keepLast, keepForMs: keepFor === undefined ? null : parseDuration(keepFor)!, daily, weekly, monthly, yearly, minimumProven, timeZone: schedule?.timeZone ?? 'UTC' };
}
