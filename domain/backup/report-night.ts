import type { ErrorReport } from '../errors.ts';
import { dayText, type CalendarDay } from './calendar.ts';
import { isMeant, type CronTimes } from './cron.ts';
import type { RetentionBackup } from './retention.ts';

export interface ReportedBackup extends RetentionBackup {
  readonly storedAt: string | null;
  readonly provenAt: string | null;
  readonly storedBytes: number | null;
  readonly rawBytes: number | null;
  readonly rows: number | null;
  readonly dumpSeconds: number | null;
  readonly restoreSeconds: number | null;
  readonly error: ErrorReport | null;
}

/** From the best to the worst; a night is as good as its worst database. */
export const NIGHT_STATES = ['none', 'proven', 'expired', 'running', 'unproven', 'missed', 'rejected', 'failed'] as const;
export type NightState = (typeof NIGHT_STATES)[number];

export interface Night {
  /** `2026-11-20`, in the time zone of the policy. */
  readonly day: string;
  readonly state: NightState;
  /** All of the day. */
  readonly backups: readonly ReportedBackup[];
  /** Of the last of each database, which also say how the night ended: one that was made good in the morning is good. */
  readonly storedBytes: number;
  readonly dumpSeconds: number;
  readonly restoreSeconds: number;
}

/** One day of the calendar. `expected`: a backup that is not there was missed, when the schedule means the day. */
export function nightOf(day: CalendarDay, { backups, times, expected }: { readonly backups: readonly ReportedBackup[]; readonly times: CronTimes | null; readonly expected: boolean }): Night {
  const last = lastOfEach(backups);
  const states = last.map(stateOf);
  const none: NightState = expected && times !== null && isMeant(day, times) ? 'missed' : 'none';
  return {
    day: dayText(day),
    state: states.length === 0 ? none : states.reduce((left, right) => (NIGHT_STATES.indexOf(right) > NIGHT_STATES.indexOf(left) ? right : left)),
    backups,
    storedBytes: sum(last.map(({ storedBytes }) => storedBytes)),
    dumpSeconds: sum(last.map(({ dumpSeconds }) => dumpSeconds)),
    restoreSeconds: sum(last.map(({ restoreSeconds }) => restoreSeconds)),
  };
}

const lastOfEach = (backups: readonly ReportedBackup[]): ReportedBackup[] =>
  [...Map.groupBy(backups, ({ database }) => database).values()].map((all) => all.reduce((left, right) => (Date.parse(right.createdAt) > Date.parse(left.createdAt) ? right : left)));

function stateOf(backup: ReportedBackup): NightState {
  const { state } = backup;
  if (state === 'created' || state === 'dumped') return 'running';
  const outcome = outcomeOf(backup);
  return outcome === 'proven' && (state === 'deleted' || state === 'expiring') ? 'expired' : outcome;
}

/** How a backup turned out, also when it is not there any more. */
export function outcomeOf({ state, storedAt, provenAt, error }: ReportedBackup): 'proven' | 'unproven' | 'rejected' | 'failed' {
  if (state === 'failed' || storedAt === null) return 'failed';
  if (state === 'rejected' || (error !== null && state !== 'proven')) return 'rejected';
  return provenAt === null ? 'unproven' : 'proven';
}

const sum = (values: readonly (number | null)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);
