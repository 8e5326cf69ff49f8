import { periodText } from '../durations.ts';
import { cronText, type CronTimes } from './cron.ts';

/** A schedule, as the inventory declares it or as Temporal has it. */
export interface BackupSchedule {
  readonly times: CronTimes;
  /** IANA name. */
  readonly timeZone: string;
  /** A start that was missed for longer is passed over. */
  readonly catchUpMs: number;
  /** Each start is put off by a random time up to this. */
  readonly jitterMs: number;
  /** What happens when the time comes while the last one still runs. */
  readonly overlap: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: string;
}

/** One thing that is not as declared. */
export interface ScheduleDrift {
  readonly what: string;
  readonly declared: string;
  readonly actual: string;
}

/** What differs, in words of the inventory where it has some; nothing when the schedule is in force as declared. */
export function scheduleDrift(declared: BackupSchedule, actual: BackupSchedule): ScheduleDrift[] {
  const [wanted, found] = [wordsOf(declared), wordsOf(actual)];
  return Object.keys(wanted).flatMap((what) => (wanted[what] === found[what] ? [] : [{ what, declared: wanted[what]!, actual: found[what]! }]));
}

const wordsOf = (schedule: BackupSchedule): Record<string, string> => ({
  cron: cronText(schedule.times),
  timeZone: schedule.timeZone,
  catchUpWindow: periodText(schedule.catchUpMs),
  jitter: schedule.jitterMs === 0 ? 'none' : periodText(schedule.jitterMs),
  overlap: schedule.overlap,
  workflow: schedule.workflowType,
  'task queue': schedule.taskQueue,
  input: schedule.input,
});
