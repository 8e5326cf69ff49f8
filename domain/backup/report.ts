import type { ErrorReport } from '../errors.ts';
import { addDays, dayOf, dayText } from './calendar.ts';
import type { CronTimes } from './cron.ts';
import { nightOf, outcomeOf, type Night, type ReportedBackup } from './report-night.ts';
import { isUnfinished } from './states.ts';
import { lineOf, timeOf, type RetentionVerdict } from './retention.ts';

/** What a policy promises and has, for the report. */
export interface ReportedPolicy {
  readonly policy: string;
  readonly server: string;
  /** What the policy promises for; null: for all that it has ever backed up. */
  readonly wanted: readonly string[] | null;
  readonly timeZone: string;
  /** Null: it runs only by hand. */
  readonly times: CronTimes | null;
  readonly rpoMs: number | null;
  readonly rtoMs: number | null;
  /** Of all states, `deleted` ones too. */
  readonly backups: readonly ReportedBackup[];
  readonly verdicts: readonly RetentionVerdict[];
}

/** An objective against what was achieved; `met` is null without an objective, false also when nothing is known. */
export interface Achieved {
  readonly objectiveMs: number | null;
  /** Now: the age of the newest proven backup, or how long its restore took. The worst of all databases. */
  readonly nowMs: number | null;
  /** The worst within the period of the report. */
  readonly worstMs: number | null;
  readonly met: boolean | null;
}

export interface KeptBackup extends ReportedBackup {
  readonly rule: string;
  readonly reason: string;
  readonly keptUntil: string | null;
  readonly expires: boolean;
}

export interface BackupProblem {
  readonly backupId: string;
  readonly database: string;
  readonly day: string;
  readonly outcome: 'rejected' | 'failed';
  readonly error: ErrorReport | null;
}

export interface PolicyReport {
  readonly policy: string;
  readonly server: string;
  readonly timeZone: string;
  readonly databases: readonly string[];
  /** `good`: every objective is met and the newest backup is proven. */
  readonly state: 'good' | 'behind' | 'failing' | 'empty';
  /** One sentence: why it is not good. */
  readonly remark: string | null;
  /** The newest proven backup; of several databases, the one that is furthest behind. */
  readonly newestProven: ReportedBackup | null;
  readonly rpo: Achieved;
  readonly rto: Achieved;
  readonly nights: readonly Night[];
  readonly kept: readonly KeptBackup[];
  readonly keptBytes: number;
  /** Newest first, within the period. */
  readonly problems: readonly BackupProblem[];
}

export interface BackupReport {
  /** ISO 8601, by the catalog's clock. */
  readonly at: string;
  readonly days: number;
  readonly policies: readonly PolicyReport[];
}

const HERE = ['stored', 'proven', 'rejected'];

export const buildReport = ({ at, days, policies }: { readonly at: string; readonly days: number; readonly policies: readonly ReportedPolicy[] }): BackupReport => ({ at, days, policies: policies.map((policy) => reportOn(policy, at, days)) });

function reportOn(policy: ReportedPolicy, at: string, days: number): PolicyReport {
  const today = dayOf(at, policy.timeZone);
  const window = Array.from({ length: days }, (_, index) => addDays(today, index - days + 1));
  const byDay = Map.groupBy(policy.backups, (backup) => dayText(dayOf(new Date(timeOf(backup)).toISOString(), policy.timeZone)));
  const firstDay = [...byDay.keys()].toSorted()[0];
  const nights = window.map((day) => nightOf(day, { backups: byDay.get(dayText(day)) ?? [], times: policy.times, expected: firstDay !== undefined && dayText(day) > firstDay && dayText(day) < dayText(today) }));
  const lines = currentLines(policy.backups.filter(({ database }) => policy.wanted?.includes(database) ?? true));
  const newest = [...lines.map((line) => newestOf(line.filter(({ state }) => state === 'proven'))), ...neverBackedUp(policy).map(() => undefined)];
  const newestProven = newest.some((one) => one === undefined) ? null : (newest.toSorted((left, right) => timeOf(left!) - timeOf(right!))[0] ?? null);
  const rpo = achieved(policy.rpoMs, newestProven === null ? null : Date.parse(at) - timeOf(newestProven), worstGap(lines, at, days));
  const restores = policy.backups.filter(({ restoreSeconds }) => restoreSeconds !== null);
  const rto = achieved(policy.rtoMs, worst(newest.flatMap((one) => (one?.restoreSeconds == null ? [] : [one.restoreSeconds * 1000]))), worst(restores.filter((one) => timeOf(one) >= Date.parse(at) - days * DAY_MS).map(({ restoreSeconds }) => restoreSeconds! * 1000)));
  const kept = keptOf(policy);
  return {
    policy: policy.policy,
    server: policy.server,
    timeZone: policy.timeZone,
    databases: [...new Set(policy.backups.map(({ database }) => database))].toSorted(),
    ...judge(policy, { newestProven, rpo, rto, lines }),
    newestProven,
    rpo,
    rto,
    nights,
    kept,
    keptBytes: kept.reduce((sum, { storedBytes }) => sum + (storedBytes ?? 0), 0),
    problems: nights.toReversed().flatMap(({ day, backups }) => backups.flatMap((backup) => problemOf(backup, day))),
  };
}

const neverBackedUp = ({ wanted, backups }: ReportedPolicy): string[] => (wanted ?? []).filter((name) => !backups.some(({ database }) => database === name));

/** Of each database the line of the system that was backed up last: what an upgrade left behind is kept, and promises nothing any more. */
function currentLines(backups: readonly ReportedBackup[]): ReportedBackup[][] {
  const byDatabase = Map.groupBy(backups.toSorted((left, right) => Date.parse(right.createdAt) - Date.parse(left.createdAt)), ({ database }) => database);
  return [...byDatabase.values()].map((all) => all.filter((backup) => lineOf(backup) === lineOf(all[0]!)));
}

function problemOf(backup: ReportedBackup, day: string): BackupProblem[] {
  const outcome = outcomeOf(backup);
  if (isUnfinished(backup.state) || (outcome !== 'rejected' && outcome !== 'failed')) return [];
  return [{ backupId: backup.backupId, database: backup.database, day, outcome, error: backup.error }];
}

function keptOf({ backups, verdicts }: ReportedPolicy): KeptBackup[] {
  const byId = new Map(verdicts.map((verdict) => [verdict.backupId, verdict]));
  return backups.filter(({ state }) => HERE.includes(state)).toSorted((left, right) => timeOf(right) - timeOf(left)).flatMap((backup) => {
    const verdict = byId.get(backup.backupId);
    return verdict === undefined ? [] : [{ ...backup, rule: verdict.rule, reason: verdict.reason, keptUntil: verdict.keptUntil, expires: verdict.verdict === 'expire' }];
  });
}

/** The longest time between two proven snapshots that followed each other, and since the last; of every database, within the period. */
function worstGap(lines: readonly (readonly ReportedBackup[])[], at: string, days: number): number | null {
  const since = Date.parse(at) - days * DAY_MS;
  const gaps = lines.flatMap((line) => {
    const times = line.filter(({ provenAt }) => provenAt !== null).map(timeOf).filter((time) => time >= since).toSorted((left, right) => left - right);
    return times.map((time, index) => (times[index + 1] ?? Date.parse(at)) - time);
  });
  return worst(gaps);
}

const achieved = (objectiveMs: number | null, nowMs: number | null, worstMs: number | null): Achieved => ({ objectiveMs, nowMs, worstMs, met: objectiveMs === null ? null : nowMs !== null && nowMs <= objectiveMs });

const newestOf = (backups: readonly ReportedBackup[]): ReportedBackup | undefined => backups.toSorted((left, right) => timeOf(right) - timeOf(left))[0];

interface Found {
  readonly newestProven: ReportedBackup | null;
  readonly rpo: Achieved;
  readonly rto: Achieved;
  readonly lines: readonly (readonly ReportedBackup[])[];
}

function judge({ backups }: ReportedPolicy, { newestProven, rpo, rto, lines }: Found): Pick<PolicyReport, 'state' | 'remark'> {
  if (backups.length === 0) return { state: 'empty', remark: 'No backup was ever made.' };
  const failed = lines.map((line) => line.toSorted((left, right) => Date.parse(right.createdAt) - Date.parse(left.createdAt))[0]!).find(({ state }) => state === 'failed' || state === 'rejected');
  if (failed !== undefined) return { state: 'failing', remark: `The newest backup of ${failed.database} ${failed.state === 'failed' ? 'has failed' : 'was rejected'}${failed.error === null ? '' : `: ${failed.error.message}`}.` };
  if (newestProven === null) return { state: 'behind', remark: 'Not every database has a proven backup.' };
  if (rpo.met === false) return { state: 'behind', remark: 'The newest proven backup is older than the objective allows.' };
  if (rto.met === false) return { state: 'behind', remark: 'A restore takes longer than the objective allows.' };
  return { state: 'good', remark: null };
}

const worst = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
const DAY_MS = 86_400_000;
