import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from '@temporalio/client';

import { beatText, runChanges } from '../../../cli/backup/changes.ts';
import { type StartedWorkflow, workflowResult } from '../../../client/backups.ts';
import { triggerSchedule } from '../../../client/schedule-orders.ts';
import { describe } from '../../../client/schedules.ts';
import { watchWorkflow } from '../../../client/watch-workflow.ts';
import type { BackupRunProgress } from '../../../domain/backup/run-progress.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Display } from '../display.ts';

const PATIENCE_MS = 60_000;

/** Triggers a policy as its schedule would, and shows the run to its end. */
export async function runNight<Result>(client: Client, policy: string, display: Display): Promise<Result> {
  const before = await startsOf(client, policy);
  await triggerSchedule(client, policy);
  const started = await newStart(client, policy, before);
  await watch(client, started, display, true);
  return await workflowResult<Result>(client, started);
}

/** Shows a workflow while it goes on, and gives its result. */
export async function follow<Result>(client: Client, started: StartedWorkflow, display: Display): Promise<Result> {
  await watch(client, started, display, false);
  return await workflowResult<Result>(client, started);
}

async function watch(client: Client, started: StartedWorkflow, display: Display, hasProgress: boolean): Promise<void> {
  let before: BackupRunProgress | undefined;
  await watchWorkflow(client, {
    started,
    hasProgress,
    patienceMs: PATIENCE_MS,
    onTrouble: (trouble) => display.line(`  ${trouble ?? 'goes on'}`),
    onLook: ({ progress, beat }) => {
      if (progress !== undefined) for (const line of runChanges(before, progress)) display.line(`  ${line}`);
      before = progress ?? before;
      display.live(beat === undefined ? '' : `  ${beatText(beat)}`);
    },
  });
  display.live('');
}

const startsOf = async (client: Client, policy: string): Promise<string[]> => (await describe(client, policy))?.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId) ?? [];

/** The run that Temporal has started since. */
async function newStart(client: Client, policy: string, before: readonly string[]): Promise<StartedWorkflow> {
  for (const giveUpAt = Date.now() + PATIENCE_MS; Date.now() < giveUpAt; await sleep(100)) {
    const started = (await describe(client, policy))?.info.recentActions.find(({ action }) => !before.includes(action.workflow.firstExecutionRunId));
    if (started !== undefined) return { workflowId: started.action.workflow.workflowId, temporalRunId: started.action.workflow.firstExecutionRunId };
  }
  throw new OperationError('temporal_unreachable', `the schedule of policy "${policy}" started nothing`);
}
