import { type Client, type ScheduleDescription, type ScheduleHandle, ScheduleNotFoundError, type ScheduleOptions } from '@temporalio/client';

import { cronText, type CronTimes } from '../domain/backup/cron.ts';
import { scheduleDrift, type BackupSchedule, type ScheduleDrift } from '../domain/backup/schedule.ts';
import { OperationError } from '../domain/errors.ts';
import { CONTROL_QUEUE, drillWorkflowId } from '../workflows/messages.ts';
import { actualSchedule } from './described-schedule.ts';

/** What a policy of the inventory wants, and a hash of all it says: it is shown in Temporal and tells versions of a policy apart. */
export interface DeclaredSchedule {
  /** Of a backup policy its name; of a drill `drill/<cluster>/<name>`, which no policy can be called. */
  readonly policy: string;
  readonly times: CronTimes;
  readonly timeZone: string;
  readonly catchUpMs: number;
  readonly jitterMs: number;
  readonly policyHash: string;
}

/** `in force`, or what has to be done so that it is. */
export type ScheduleChange = 'in force' | 'create' | 'update' | 'delete';

export interface SchedulePlan {
  readonly policy: string;
  readonly change: ScheduleChange;
  readonly drift: readonly ScheduleDrift[];
}

const BACKUP = 'backup/';
const DRILL = 'drill/';
/** Marks schedules that are ours to delete, and those of older declarations. */
const MEMO = 'pgconvoyPolicy';

const isDrill = (policy: string): boolean => policy.startsWith(DRILL);

export const scheduleIdOf = (policy: string): string => (isDrill(policy) ? policy : `${BACKUP}${policy}`);

/** How the drill of a cluster is called among schedules. */
export const drillSchedule = (cluster: string, drill: string): string => `${DRILL}${cluster}/${drill}`;

/** Compares what is declared with what is in force. Changes nothing. */
export async function planSchedules(client: Client, declared: readonly DeclaredSchedule[]): Promise<SchedulePlan[]> {
  const wanted = await Promise.all(declared.map(async (one) => planOne(one, await describe(client, one.policy))));
  const known = new Set(declared.map(({ policy }) => policy));
  const surplus = (await ourPolicies(client)).filter((policy) => !known.has(policy));
  return [...wanted, ...surplus.toSorted().map((policy): SchedulePlan => ({ policy, change: 'delete', drift: [] }))];
}

/** Puts in force what is declared, and removes schedules of ours that are not. Whether one is paused stays as it is. Again changes nothing. */
export async function applySchedules(client: Client, declared: readonly DeclaredSchedule[]): Promise<SchedulePlan[]> {
  const plans = await planSchedules(client, declared);
  for (const { policy, change } of plans) {
    const one = declared.find((candidate) => candidate.policy === policy);
    if (change === 'create') await client.schedule.create({ ...optionsOf(one!), scheduleId: scheduleIdOf(policy), memo: { [MEMO]: policy }, state: { note: noteOf(one!) } });
    else if (change === 'update') await handleOf(client, policy).update((previous) => ({ ...optionsOf(one!), state: previous.state.paused ? previous.state : { ...previous.state, note: noteOf(one!) } }));
    else if (change === 'delete') await handleOf(client, policy).delete();
  }
  return plans;
}

/** Of one schedule, or undefined. */
export async function describe(client: Client, policy: string): Promise<ScheduleDescription | undefined> {
  return await handleOf(client, policy).describe().catch((error: unknown) => {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  });
}

/** Policies that have a schedule which we made. The list of Temporal lags behind by moments, so that one that is gone is passed over. */
export async function ourPolicies(client: Client): Promise<string[]> {
  const found: string[] = [];
  for await (const { scheduleId, memo } of client.schedule.list()) {
    const policy = isDrill(scheduleId) ? scheduleId : scheduleId.startsWith(BACKUP) ? scheduleId.slice(BACKUP.length) : undefined;
    if (policy === undefined || memo?.[MEMO] === undefined) continue;
    if ((await describe(client, policy)) !== undefined) found.push(policy);
  }
  return found;
}

/** What differs from what is declared. */
export function driftOf(declared: DeclaredSchedule, description: ScheduleDescription): ScheduleDrift[] {
  return scheduleDrift(wantedSchedule(declared), actualSchedule(description));
}

function planOne(declared: DeclaredSchedule, description: ScheduleDescription | undefined): SchedulePlan {
  const { policy } = declared;
  if (description === undefined) return { policy, change: 'create', drift: [] };
  const drift = driftOf(declared, description);
  const older = description.action.memo?.[MEMO] !== declared.policyHash;
  return { policy, change: drift.length > 0 || older ? 'update' : 'in force', drift: drift.length === 0 && older ? [{ what: 'policy', declared: declared.policyHash, actual: String(description.action.memo?.[MEMO] ?? 'unknown') }] : drift };
}

export const handleOf = (client: Client, policy: string): ScheduleHandle => client.schedule.getHandle(scheduleIdOf(policy));

/** What it starts. */
function actionOf(policy: string): { readonly workflowType: string; readonly workflowId: string; readonly input: object; readonly summary: string } {
  if (!isDrill(policy)) return { workflowType: 'backUpServer', workflowId: scheduleIdOf(policy), input: { policy, requestedBy: 'schedule' }, summary: `back up by policy ${policy}` };
  const [, cluster = '', name = ''] = policy.split('/');
  return { workflowType: 'drillCluster', workflowId: drillWorkflowId(cluster), input: { cluster, name }, summary: `drill ${name} of cluster ${cluster}` };
}

function optionsOf(declared: DeclaredSchedule): Omit<ScheduleOptions, 'scheduleId'> {
  const { policy, times, timeZone, catchUpMs, jitterMs, policyHash } = declared;
  const { minutes, hours, daysOfMonth, months, daysOfWeek } = times;
  const { workflowType, workflowId, input, summary } = actionOf(policy);
  return {
    spec: {
      calendars: [
        {
          minute: rangesOf(minutes),
          hour: rangesOf(hours),
          dayOfMonth: rangesOf(daysOfMonth),
          month: rangesOf(months).map(({ start, end }) => ({ start: MONTHS[start - 1]!, end: MONTHS[end - 1]! })),
          dayOfWeek: rangesOf(daysOfWeek).map(({ start, end }) => ({ start: DAYS[start]!, end: DAYS[end]! })),
          comment: cronText(times),
        },
      ],
      timezone: timeZone,
      ...(jitterMs === 0 ? {} : { jitter: jitterMs }),
    },
    policies: { overlap: 'SKIP', catchupWindow: catchUpMs },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId,
      taskQueue: CONTROL_QUEUE,
      args: [input],
      memo: { [MEMO]: policyHash },
      staticSummary: summary,
    },
  };
}

const wantedSchedule = ({ policy, times, timeZone, catchUpMs, jitterMs }: DeclaredSchedule): BackupSchedule => ({
  times, timeZone, catchUpMs, jitterMs, overlap: 'SKIP', workflowType: actionOf(policy).workflowType, taskQueue: CONTROL_QUEUE, input: JSON.stringify([actionOf(policy).input]),
});

const noteOf = ({ policy, times, timeZone, policyHash }: DeclaredSchedule): string => `${isDrill(policy) ? `Schedule ${policy}` : `Policy ${policy}`} of the inventory (${cronText(times)} in ${timeZone}; ${policyHash}). Declared by \`pgconvoy schedule apply\`; changes made here are taken back by it.`;

/** Numbers in order as the fewest ranges. */
function rangesOf(numbers: readonly number[]): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last.end === number - 1) last.end = number;
    else ranges.push({ start: number, end: number });
  }
  return ranges;
}

const MONTHS = ['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'] as const;
const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const;

/** Throws `schedule_unknown` for a schedule that is not there. */
export async function existing<T>(policy: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new OperationError('schedule_unknown', `policy "${policy}" has no schedule in force`, { cause: error });
  }
}
