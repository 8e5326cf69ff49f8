import { dayOf, dayText, monthText, weekText, type CalendarDay } from './calendar.ts';
import type { RetentionBackup, RetentionPolicy, RetentionRule, RetentionVerdict } from './retention.ts';

interface Period {
  readonly rule: Extract<RetentionRule, 'daily' | 'weekly' | 'monthly' | 'yearly'>;
  readonly name: string;
  readonly textOf: (day: CalendarDay) => string;
}

/** From the longest to the shortest: of several that keep a backup, the shortest is named. */
const PERIODS: readonly Period[] = [
  { rule: 'yearly', name: 'year', textOf: ({ year }) => String(year) },
  { rule: 'monthly', name: 'month', textOf: monthText },
  { rule: 'weekly', name: 'week', textOf: weekText },
  { rule: 'daily', name: 'day', textOf: dayText },
];

type Keep = Pick<RetentionVerdict, 'rule' | 'reason' | 'keptUntil'>;

/** Grandfather, father, son: what is the newest of one of the last so many periods that have any. `proven` is newest first. */
export const byCalendar = (proven: readonly RetentionBackup[], policy: RetentionPolicy): [string, Keep][] => PERIODS.flatMap((period) => byPeriod(proven, policy, period));

function byPeriod(proven: readonly RetentionBackup[], policy: RetentionPolicy, { rule, name, textOf }: Period): [string, Keep][] {
  const wanted = policy[rule];
  if (wanted === 0) return [];
  const groups = Map.groupBy(proven, ({ snapshotAt, createdAt }) => textOf(dayOf(snapshotAt ?? createdAt, policy.timeZone)));
  return [...groups].slice(0, wanted).map(([text, [newest]]) => [newest!.backupId, { rule, reason: `The newest of ${name} ${text}, one of the last ${wanted}.`, keptUntil: null }]);
}
