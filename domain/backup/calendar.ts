/**
 * Days, weeks, months and years as a wall calendar in a time zone has them. By the zone's own rules (`Intl`), never by adding
 * 24 hours: the night on which clocks change has 23 or 25 of them.
 */
export interface CalendarDay {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', year: 'numeric', month: 'numeric', day: 'numeric' });
  formats.set(timeZone, format);
  return format;
}

/** The day that an instant (ISO 8601) falls on. Throws a RangeError for a zone or an instant that is none. */
export function dayOf(instant: string, timeZone: string): CalendarDay {
  const parts = formatOf(timeZone).formatToParts(new Date(instant));
  const numberOf = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return { year: numberOf('year'), month: numberOf('month'), day: numberOf('day') };
}

/** `2028-02-29` */
export const dayText = ({ year, month, day }: CalendarDay): string => `${year}-${pad(month)}-${pad(day)}`;

/** `2028-02` */
export const monthText = ({ year, month }: CalendarDay): string => `${year}-${pad(month)}`;

/** `2026-W53`: ISO 8601 weeks, which begin on Monday and belong to the year that has their Thursday. */
export function weekText({ year, month, day }: CalendarDay): string {
  const date = new Date(Date.UTC(year, month - 1, day));
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY_MS);
  const firstOfYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return `${thursday.getUTCFullYear()}-W${pad(Math.floor((thursday.getTime() - firstOfYear) / DAY_MS / 7) + 1)}`;
}

/** The day `days` later, or earlier. */
export function addDays({ year, month, day }: CalendarDay, days: number): CalendarDay {
  const date = new Date(Date.UTC(year, month - 1, day + days));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

const DAY_MS = 86_400_000;
const pad = (value: number): string => String(value).padStart(2, '0');
