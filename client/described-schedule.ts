import type { ScheduleDescription } from '@temporalio/client';

import type { BackupSchedule } from '../domain/backup/schedule.ts';

const MONTHS = ['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'];
const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

/** What Temporal has in force, in our words. What somebody added by hand that we have no word for (intervals, more calendars, bounds) makes the times empty, which is a drift. */
export function actualSchedule({ spec, policies, action }: ScheduleDescription): BackupSchedule {
  const { calendars = [], intervals = [], skip = [], startAt, endAt, timezone, jitter } = spec;
  const [calendar] = calendars;
  const plain = calendar !== undefined && calendars.length === 1 && intervals.length === 0 && skip.length === 0 && startAt === undefined && endAt === undefined && calendar.year.length === 0 && values(calendar.second).join() === '0';
  return {
    times: plain
      ? {
          minutes: values(calendar.minute),
          hours: values(calendar.hour),
          daysOfMonth: values(calendar.dayOfMonth),
          months: values(calendar.month, (name) => MONTHS.indexOf(name) + 1),
          daysOfWeek: values(calendar.dayOfWeek, (name) => DAYS.indexOf(name)),
        }
      : { minutes: [], hours: [], daysOfMonth: [], months: [], daysOfWeek: [] },
    timeZone: timezone === undefined || timezone === '' ? 'UTC' : timezone,
    catchUpMs: policies.catchupWindow,
    jitterMs: jitter ?? 0,
    overlap: policies.overlap ?? 'SKIP',
    workflowType: action.workflowType,
    taskQueue: action.taskQueue,
    input: JSON.stringify(action.args ?? []),
  };
}

/** Ranges of numbers or names as the numbers they mean. */
function values<Unit extends number | string>(ranges: readonly { readonly start: Unit; readonly end: Unit; readonly step: number }[], numberOf: (unit: string) => number = Number): number[] {
  const found = ranges.flatMap(({ start, end, step }) => {
    const [first, last] = [numberOf(String(start)), numberOf(String(end))];
    return Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, index) => first + index * step);
  });
  return [...new Set(found)].toSorted((left, right) => left - right);
}
