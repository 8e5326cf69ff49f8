/**
 * Which backups are kept and which expire: a decision over rows of the catalog, without a clock, a store or a database.
 *
 * - Only proven backups count. One that nobody restored keeps no other one from being kept.
 * - Each line, which is one database of one system, is decided apart. Names are compared whole: `app` is not `app-x`.
 * - Order is the time at which the database took the snapshot, by its own clock. LSNs start anew after an upgrade, and names
 *   and arrival in the store say nothing.
 * - Whatever the rules say, the newest `minimumProven` proven ones stay, and nothing goes while the newest run has failed.
 */
import { periodText } from '../durations.ts';
import { byCalendar } from './retention-calendar.ts';
import type { BackupState } from './states.ts';

export interface RetentionPolicy {
  /** The newest so many. */
  readonly keepLast: number;
  /** Milliseconds since the snapshot; null: age keeps nothing. */
  readonly keepForMs: number | null;
  /** The newest of each of the last so many days, weeks, months, years that have one, in `timeZone`. */
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** So many proven ones stay whatever the rules say. */
  readonly minimumProven: number;
  /** IANA name, for example `Europe/Berlin`. */
  readonly timeZone: string;
}

/** What the decision needs to know of a backup. */
export interface RetentionBackup {
  readonly backupId: string;
  readonly runId: string;
  readonly server: string;
  readonly systemId: string | null;
  readonly database: string;
  readonly state: BackupState;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly snapshotAt: string | null;
  readonly hold: { readonly by: string; readonly reason: string; readonly at: string } | null;
}

export const RETENTION_RULES = [
  'in-progress', 'hold', 'keep-last', 'keep-for', 'daily', 'weekly', 'monthly', 'yearly', 'minimum-proven', 'no-newer-proven', 'grace', 'newest-failed',
  'outside-every-rule', 'unproven-and-superseded',
] as const;
export type RetentionRule = (typeof RETENTION_RULES)[number];

export interface RetentionVerdict {
  readonly backupId: string;
  readonly verdict: 'keep' | 'expire';
  /** The first rule that fired. */
  readonly rule: RetentionRule;
  /** One sentence. */
  readonly reason: string;
  /** ISO 8601: kept at least until then, as far as a date says it; null: until an event, which the reason names, or for ever. */
  readonly keptUntil: string | null;
}

export interface RetentionQuestion {
  readonly policy: RetentionPolicy;
  /** Of one policy; `deleted` and `expiring` ones may be among them and are passed over. */
  readonly backups: readonly RetentionBackup[];
  /** ISO 8601. */
  readonly now: string;
  /** The policy's newest run and its beginning, when it failed: one that failed early leaves no backup behind that would tell. It says nothing of a database that it did prove. */
  readonly failedRun?: { readonly runId: string; readonly at: string } | undefined;
}

/** How long what was never proven is left in place: time for a second proof, or for looking at it. */
export const UNPROVEN_GRACE_MS = 7 * 86_400_000;

/** The end of a sentence about a backup. */
const WORDS: Readonly<Record<BackupState, string>> = {
  created: 'is being made', dumped: 'is being made', stored: 'was not proven', proven: 'is proven', rejected: 'was rejected', failed: 'has failed', expiring: 'is being deleted', deleted: 'was deleted',
};

type Kept = Omit<RetentionVerdict, 'backupId' | 'verdict'>;

/** A verdict for every backup that is there, newest first. The order of the question does not matter. */
export function decideRetention(question: RetentionQuestion): RetentionVerdict[] {
  const present = question.backups.filter(({ state }) => state !== 'deleted' && state !== 'expiring').toSorted(newestFirst);
  const verdicts = [...Map.groupBy(present, lineOf).values()].flatMap((line) => decideLine(line, question));
  const byId = new Map(verdicts.map((verdict) => [verdict.backupId, verdict]));
  return present.map(({ backupId }) => byId.get(backupId)!);
}

/** One database of one system. Where the system may not be asked for its identifier, the inventory's name stands for it. */
export const lineOf = ({ systemId, server, database }: Pick<RetentionBackup, 'systemId' | 'server' | 'database'>): string => JSON.stringify([systemId ?? `server ${server}`, database]);

/** The database's time of the snapshot; of one that never had any, when it was begun. */
export const timeOf = ({ snapshotAt, createdAt }: Pick<RetentionBackup, 'snapshotAt' | 'createdAt'>): number => Date.parse(snapshotAt ?? createdAt);

const newestFirst = (left: RetentionBackup, right: RetentionBackup): number => timeOf(right) - timeOf(left) || (left.backupId < right.backupId ? 1 : -1);

function decideLine(line: readonly RetentionBackup[], question: RetentionQuestion): RetentionVerdict[] {
  const proven = line.filter(({ state }) => state === 'proven');
  const kept = new Map([...keptByMinimum(proven, question), ...byCalendar(proven, question.policy), ...keptByAge(proven, question), ...keptByCount(proven, question)]);
  const failure = failureOf(line, question);
  return line.map((backup) => {
    const keep = keptAnyway(backup) ?? (backup.state === 'proven' ? kept.get(backup.backupId) : keptUnproven(backup, proven, question)) ?? keptByFailure(failure);
    if (keep !== undefined) return { backupId: backup.backupId, verdict: 'keep', ...keep };
    return { backupId: backup.backupId, verdict: 'expire', ...expired(backup), keptUntil: null };
  });
}

function keptAnyway({ state, hold }: RetentionBackup): Kept | undefined {
  if (hold !== null) return { rule: 'hold', reason: `Held by ${hold.by}: ${hold.reason}.`, keptUntil: null };
  if (state === 'created' || state === 'dumped') return { rule: 'in-progress', reason: 'Its run has not ended.', keptUntil: null };
  return undefined;
}

const keptByCount = (proven: readonly RetentionBackup[], { policy }: RetentionQuestion): [string, Kept][] =>
  proven.slice(0, policy.keepLast).map(({ backupId }, place) => [backupId, { rule: 'keep-last', reason: `Number ${place + 1} of the newest ${policy.keepLast}; goes when ${policy.keepLast - place === 1 ? 'one newer is' : `${policy.keepLast - place} newer are`} proven.`, keptUntil: null }]);

function keptByAge(proven: readonly RetentionBackup[], { policy, now }: RetentionQuestion): [string, Kept][] {
  const { keepForMs } = policy;
  if (keepForMs === null) return [];
  const young = proven.filter((backup) => Date.parse(now) - timeOf(backup) < keepForMs);
  return young.map((backup) => {
    const until = new Date(timeOf(backup) + keepForMs).toISOString();
    return [backup.backupId, { rule: 'keep-for', reason: `Not yet ${periodText(keepForMs)} old.`, keptUntil: until }];
  });
}

const keptByMinimum = (proven: readonly RetentionBackup[], { policy }: RetentionQuestion): [string, Kept][] =>
  proven.slice(0, Math.max(1, policy.minimumProven)).map(({ backupId }) => [backupId, { rule: 'minimum-proven', reason: `One of the last ${Math.max(1, policy.minimumProven)} proven ones, which never go.`, keptUntil: null }]);

/** What was not proven goes when something better is there and nobody can still be busy with it. */
function keptUnproven(backup: RetentionBackup, proven: readonly RetentionBackup[], { now }: RetentionQuestion): Kept | undefined {
  if (!proven.some((one) => timeOf(one) > timeOf(backup))) return { rule: 'no-newer-proven', reason: `It ${WORDS[backup.state]}, and no newer one is proven.`, keptUntil: null };
  const until = Date.parse(backup.createdAt) + UNPROVEN_GRACE_MS;
  if (Date.parse(now) < until) return { rule: 'grace', reason: `It ${WORDS[backup.state]}, and is left in place for ${periodText(UNPROVEN_GRACE_MS)}.`, keptUntil: new Date(until).toISOString() };
  return undefined;
}

/** Why the line's newest run counts as failed; undefined when it does not. What still runs is passed over. */
function failureOf(line: readonly RetentionBackup[], { failedRun }: RetentionQuestion): string | undefined {
  const [newest] = line.filter(({ state }) => state !== 'created' && state !== 'dumped').toSorted((left, right) => Date.parse(right.createdAt) - Date.parse(left.createdAt));
  if (newest?.state === 'failed' || newest?.state === 'rejected') return `the newest backup, ${newest.backupId}, ${WORDS[newest.state]}`;
  if (failedRun === undefined || line.some(({ state, createdAt }) => state === 'proven' && Date.parse(createdAt) >= Date.parse(failedRun.at))) return undefined;
  return `the newest run, ${failedRun.runId}, has failed`;
}

const keptByFailure = (failure: string | undefined): Kept | undefined => (failure === undefined ? undefined : { rule: 'newest-failed', reason: `Nothing expires while ${failure}.`, keptUntil: null });

const expired = ({ state }: RetentionBackup): Pick<RetentionVerdict, 'rule' | 'reason'> =>
  state === 'proven' ? { rule: 'outside-every-rule', reason: 'No rule of the policy keeps it any more.' } : { rule: 'unproven-and-superseded', reason: `It ${WORDS[state]}, and a newer one is proven.` };
