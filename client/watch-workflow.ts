import { setTimeout as sleep } from 'node:timers/promises';

import { type Client, QueryNotRegisteredError } from '@temporalio/client';

import { backupProgress, type StartedWorkflow } from './backups.ts';
import type { BackupRunProgress } from '../domain/backup/run-progress.ts';
import { asAnswerable, passingTrouble } from './passing-trouble.ts';
import { beatOf, retryOf, type StepBeat, type StepRetry } from './pending-step.ts';

export interface WorkflowLook {
  /** Of a run of a policy. */
  readonly progress?: BackupRunProgress;
  /** Of the step that is under way, in the workflow itself or in the one it waits for. */
  readonly beat?: StepBeat;
  /** That step, or another one, failed and is tried again. */
  readonly retry?: StepRetry;
}

export interface WorkflowWatch {
  readonly started: StartedWorkflow;
  /** Whether it answers where it stands: a run of a policy does. */
  readonly hasProgress: boolean;
  readonly onLook: (look: WorkflowLook) => void;
  /** Temporal or the workers are away, and it is waited for them; undefined: they are back. */
  readonly onTrouble: (trouble: string | undefined) => void;
  /** How long to wait for them. */
  readonly patienceMs: number;
}

const ASK_EVERY_MS = 500;

/** Shows a workflow until it has ended, however it did. Restarts of Temporal and of workers are waited for. */
export async function watchWorkflow(client: Client, watch: WorkflowWatch): Promise<void> {
  let giveUpAt = Date.now() + watch.patienceMs;
  let troubled = false;
  for (;;) {
    try {
      const { closed, look } = await lookOnce(client, watch);
      if (troubled) watch.onTrouble(undefined);
      troubled = false;
      giveUpAt = Date.now() + watch.patienceMs;
      watch.onLook(look);
      if (closed) return;
    } catch (error) {
      const trouble = passingTrouble(error);
      if (trouble === undefined || Date.now() > giveUpAt) throw asAnswerable(error, `workflow ${watch.started.workflowId}`);
      if (!troubled) watch.onTrouble(trouble);
      troubled = true;
    }
    await sleep(ASK_EVERY_MS);
  }
}

/** Whether it is closed, asked first: what is answered after that is its last word. */
async function lookOnce(client: Client, { started, hasProgress }: WorkflowWatch): Promise<{ closed: boolean; look: WorkflowLook }> {
  const { closed, ...own } = await describe(client, started);
  if (!hasProgress) return { closed, look: own };
  const progress = await backupProgress(client, started).catch((error: unknown) => {
    if (error instanceof QueryNotRegisteredError) return undefined; // its first task is still to come
    throw error;
  });
  const at = progress?.databases.find(({ state }) => state === 'dumping' || state === 'proving')?.workflowId;
  const below = at === undefined || closed ? undefined : await describe(client, { workflowId: at }).then(({ closed: _, ...look }) => look, () => undefined);
  return { closed, look: { ...(progress === undefined ? {} : { progress }), ...own, ...below } };
}

async function describe(client: Client, { workflowId, temporalRunId }: { workflowId: string; temporalRunId?: string }): Promise<Pick<WorkflowLook, 'beat' | 'retry'> & { closed: boolean }> {
  const { status, raw } = await client.workflow.getHandle(workflowId, temporalRunId).describe();
  const [beat, retry] = [beatOf(raw.pendingActivities ?? []), retryOf(raw.pendingActivities ?? [])];
  return { closed: status.name !== 'RUNNING', ...(beat === undefined ? {} : { beat }), ...(retry === undefined ? {} : { retry }) };
}
