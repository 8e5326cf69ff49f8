import type { RetentionPolicy } from './retention.ts';

export const DAY_MS = 86_400_000;

/** Ages in days at which a policy lets go of backups, when one is made and proven each day: one for each of its rules. */
export const releaseDays = ({ keepForMs, daily, weekly, monthly, yearly, keepLast }: RetentionPolicy): number[] =>
  [Math.ceil((keepForMs ?? 0) / DAY_MS), keepLast, daily, weekly * 7, monthly * 31, yearly * 366].filter((days) => days > 0);

/** For how long, at least, a policy may keep a backup; a store that removes earlier breaks its promise. */
export const longestDays = (retention: RetentionPolicy): number => Math.max(...releaseDays(retention), retention.minimumProven);
