import { type Client, type ScheduleDescription, WorkflowNotFoundError } from '@temporalio/client';

import type { ScheduleDrift } from '../domain/backup/schedule.ts';
import { describe, driftOf, ourPolicies, type DeclaredSchedule } from './schedules.ts';

/** How a declared policy and what is in force stand to each other. */
export interface ScheduleReport {
  readonly policy: string;
  readonly state: 'in force' | 'paused' | 'differs' | 'not in force' | 'not declared';
  readonly paused: boolean;
  /** What the last order said, for example why it is paused. */
  readonly note: string | null;
  readonly drift: readonly ScheduleDrift[];
  /** ISO 8601, the next few. */
  readonly next: readonly string[];
  readonly last: { readonly workflowId: string; readonly at: string; readonly status: string } | null;
  /** Times that were passed over since the schedule was made: Temporal was away for longer than the catch-up window, or one still ran. */
  readonly missed: number;
  readonly skipped: number;
}

const NEXT = 3;

/** Every policy that is declared, and every schedule of ours that is not, by name. */
export async function reportSchedules(client: Client, declared: readonly DeclaredSchedule[]): Promise<ScheduleReport[]> {
  const names = new Set([...declared.map(({ policy }) => policy), ...(await ourPolicies(client))]);
  return await Promise.all([...names].toSorted().map(async (policy) => await reportOne(client, { policy, declared: declared.find((one) => one.policy === policy), found: await describe(client, policy) })));
}

async function reportOne(client: Client, { policy, declared, found }: { policy: string; declared: DeclaredSchedule | undefined; found: ScheduleDescription | undefined }): Promise<ScheduleReport> {
  if (found === undefined) return { policy, state: 'not in force', paused: false, note: null, drift: [], next: [], last: null, missed: 0, skipped: 0 };
  const drift = declared === undefined ? [] : driftOf(declared, found);
  const { paused, note } = found.state;
  return {
    policy,
    state: declared === undefined ? 'not declared' : drift.length > 0 ? 'differs' : paused ? 'paused' : 'in force',
    paused,
    note: note ?? null,
    drift,
    next: paused ? [] : found.info.nextActionTimes.slice(0, NEXT).map((time) => time.toISOString()),
    last: await lastRun(client, found),
    missed: found.info.numActionsMissedCatchupWindow,
    skipped: found.info.numActionsSkippedOverlap,
  };
}

async function lastRun(client: Client, { info }: ScheduleDescription): Promise<ScheduleReport['last']> {
  const newest = info.recentActions.toSorted((left, right) => right.takenAt.getTime() - left.takenAt.getTime())[0];
  if (newest === undefined) return null;
  const { workflowId, firstExecutionRunId } = newest.action.workflow;
  const status = await client.workflow.getHandle(workflowId, firstExecutionRunId).describe().then(({ status: { name } }) => name.toLowerCase(), forgotten);
  return { workflowId, at: newest.takenAt.toISOString(), status };
}

/** Runs are forgotten after the retention of the namespace, schedules are not. */
function forgotten(error: unknown): string {
  if (error instanceof WorkflowNotFoundError) return 'forgotten';
  throw error;
}
