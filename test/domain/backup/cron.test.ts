import { expect, it } from 'vitest';

import { cronText, parseCron } from '../../../domain/backup/cron.ts';
import { skippedTimes } from '../../../domain/backup/skipped-times.ts';

it.each([
  ['0 2 * * *', '0 2 * * *'],
  ['*/20 1-3 * * *', '0,20,40 1,2,3 * * *'],
  ['5/15 0 * * *', '5,20,35,50 0 * * *'],
  ['0 2 * * MON-FRI', '0 2 * * 1,2,3,4,5'],
  ['0 2 * * 5-7', '0 2 * * 0,5,6'],
  ['0 2 * * sun', '0 2 * * 0'],
  ['0 2 1 jan,JUL *', '0 2 1 1,7 *'],
  ['@daily', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['0-59 0-23 1-31 1-12 0-7', '* * * * *'],
])('reads %s as %s', (text, meant) => {
  expect(cronText(parseCron(text)!)).toBe(meant);
});

it.each(['', '0 2 * *', '60 2 * * *', '0 24 * * *', '0 2 0 * *', '0 2 * 13 *', '0 2 * * 8', '0 2 3-1 * *', '*/0 * * * *', '0 2 L * *', '0 2 1-2-3 * *', '-1 2 * * *', '0 2 1 * MON', '@often'])('does not read "%s"', (text) => {
  expect(parseCron(text)).toBeUndefined();
});

const YEAR = { from: '2026-11-20T12:00:00Z', days: 365 };

it.each([
  ['0 2 * * *', 'Europe/Berlin', ['2027-03-28 02:00']],
  ['30 2 * * *', 'America/New_York', ['2027-03-14 02:30']],
  ['0 * * * *', 'Europe/Berlin', []],
  ['0 1 * * *', 'Europe/London', ['2027-03-28 01:00']],
  ['0 0 * * *', 'Africa/Cairo', ['2027-04-30 00:00']],
  ['15 2 * * *', 'Australia/Lord_Howe', ['2027-10-03 02:15']],
  ['0 3 * * *', 'Europe/Berlin', []],
  ['0 2 * * 1', 'Europe/Berlin', []],
  ['0 2 * * *', 'UTC', []],
  ['0 2 * * *', 'Asia/Kolkata', []],
])('finds the nights that %s in %s does not have', (cron, timeZone, nights) => {
  expect(skippedTimes(parseCron(cron)!, { ...YEAR, timeZone }).map(({ day, time }) => `${day} ${time}`)).toEqual(nights);
});
