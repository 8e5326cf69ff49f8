import type { CalendarDay } from './calendar.ts';

/**
 * A cron line of five fields as the minutes, hours and days it means. Read here and given to Temporal field by field, so that
 * what is declared can be compared with what is in force, and its gaps be seen.
 */
export interface CronTimes {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  /** From 1. */
  readonly months: readonly number[];
  /** From 0, Sunday. */
  readonly daysOfWeek: readonly number[];
}

interface Field {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS = {
  minutes: { from: 0, to: 59 },
  hours: { from: 0, to: 23 },
  daysOfMonth: { from: 1, to: 31 },
  months: { from: 1, to: 12, names: MONTHS },
  daysOfWeek: { from: 0, to: 6, names: DAYS },
} as const satisfies Record<keyof CronTimes, Field>;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@weekly': '0 0 * * 0', '@monthly': '0 0 1 * *', '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *',
};

/**
 * Undefined when it is no such line. Days of the month together with days of the week are refused: cron means either of
 * them, Temporal both, and nobody should have to know which.
 */
export function parseCron(text: string): CronTimes | undefined {
  const words = (NICKNAMES[text] ?? text).trim().split(/\s+/);
  if (words.length !== 5) return undefined;
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = Object.values<Field>(FIELDS).map((field, index) => parseField(words[index]!, field));
  if (minutes === undefined || hours === undefined || daysOfMonth === undefined || months === undefined || daysOfWeek === undefined) return undefined;
  if (daysOfMonth.length < 31 && daysOfWeek.length < 7) return undefined;
  return { minutes, hours, daysOfMonth, months, daysOfWeek };
}

function parseField(text: string, field: Field): number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const range = parsePart(part, field);
    if (range === undefined) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) found.add(isDayOfWeek(field) ? value % 7 : value);
  }
  return [...found].toSorted((left, right) => left - right);
}

const isDayOfWeek = (field: Field): boolean => field.names === DAYS;

function parsePart(part: string, field: Field): { from: number; to: number; step: number } | undefined {
  const [, range = '', stepText] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  const [first, last, ...more] = range === '*' ? [String(field.from), String(field.to)] : range.split('-');
  if (step < 1 || more.length > 0) return undefined;
  const from = valueOf(first, field);
  // `5/15` means from 5 on, as Vixie's cron and Temporal have it.
  const to = last === undefined ? (stepText === undefined ? from : field.to) : valueOf(last, field);
  return from === undefined || to === undefined || from > to ? undefined : { from, to, step };
}

function valueOf(text: string | undefined, { from, to, names }: Field): number | undefined {
  const named = names?.indexOf(text?.toUpperCase() ?? '') ?? -1;
  if (named >= 0) return named + from;
  const value = text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  const highest = names === DAYS ? 7 : to; // both 0 and 7 are Sunday
  return value >= from && value <= highest ? value : undefined;
}

/** The same times as one line, whatever they were written as: what is compared. */
export function cronText(times: CronTimes): string {
  const keys = Object.keys(FIELDS) as (keyof CronTimes)[];
  return keys.map((key) => (times[key].length === FIELDS[key].to - FIELDS[key].from + 1 ? '*' : times[key].join(','))).join(' ');
}

/** Whether a schedule names a day. */
export function isMeant({ year, month, day }: CalendarDay, { daysOfMonth, months, daysOfWeek }: CronTimes): boolean {
  return daysOfMonth.includes(day) && months.includes(month) && daysOfWeek.includes(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
}
