import { addDays, dayOf, dayText, type CalendarDay } from './calendar.ts';
import { isMeant, type CronTimes } from './cron.ts';

/** A time that a schedule names and a day does not have, because clocks are put forward over it. */
export interface SkippedTime {
  /** `2027-03-28` */
  readonly day: string;
  /** `02:00` */
  readonly time: string;
}

/**
 * The times of a schedule that the coming `days` days do not have. Temporal passes such a time over: `0 2 * * *` in
 * Europe/Berlin makes no backup on the last Sunday of March. (A time that a day has twice is taken once.)
 */
export function skippedTimes(times: CronTimes, zone: { readonly timeZone: string; readonly from: string; readonly days: number }): SkippedTime[] {
  if (times.hours.length === 24) return []; // the hour that is not there does not part two backups
  const first = dayOf(zone.from, zone.timeZone);
  const days = Array.from({ length: zone.days }, (_, offset) => addDays(first, offset)).filter((day) => isMeant(day, times));
  return days.filter((day) => offsetsAround(day, zone.timeZone).length > 1).flatMap((day) => skippedOn(day, times, zone.timeZone));
}

function skippedOn(day: CalendarDay, times: CronTimes, timeZone: string): SkippedTime[] {
  const wanted = times.hours.flatMap((hour) => times.minutes.map((minute) => hour * 60 + minute));
  return wanted.filter((minutes) => !exists(day, minutes, timeZone)).map((minutes) => ({ day: dayText(day), time: `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}` }));
}

/** Whether a wall clock shows that time on that day: whether the instant it would be at one of the offsets does. */
function exists(day: CalendarDay, minutes: number, timeZone: string): boolean {
  const asUtc = Date.UTC(day.year, day.month - 1, day.day, 0, minutes);
  return offsetsAround(day, timeZone).some((offset) => wallClock(asUtc - offset, timeZone) === asUtc);
}

/** Milliseconds that the zone is ahead of UTC, before and after the day; one of them where they are the same. */
function offsetsAround(day: CalendarDay, timeZone: string): number[] {
  // No zone is further than a day from UTC.
  const offsets = [addDays(day, -1), addDays(day, 2)].map(({ year, month, day: date }) => {
    const instant = Date.UTC(year, month - 1, date);
    return wallClock(instant, timeZone) - instant;
  });
  return [...new Set(offsets)];
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the zone's clocks show at an instant, as if it were UTC. */
function wallClock(instant: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  formats.set(timeZone, format);
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts['year']!, parts['month']! - 1, parts['day']!, parts['hour']!, parts['minute']!, parts['second']!);
}

const pad = (value: number): string => String(value).padStart(2, '0');
