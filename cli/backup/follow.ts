import type { OpenClient } from '../../client/connect-client.ts';
import { type StartedWorkflow, workflowResult } from '../../client/backups.ts';
import { asAnswerable } from '../../client/passing-trouble.ts';
import { describeQueues } from '../../client/queues.ts';
import { watchWorkflow } from '../../client/watch-workflow.ts';
import { OperationError } from '../../domain/errors.ts';
import { whenInterrupted } from '../interruption.ts';
import { openBackupView } from './live-view.ts';

/** How long a watching command waits for Temporal or a worker to come back. */
const PATIENCE_MS = 10 * 60_000;

export interface Followed {
  readonly started: StartedWorkflow;
  /** For sentences: `the backup of policy "nightly"`. */
  readonly subject: string;
  readonly hasProgress: boolean;
}

/** Shows a workflow until it ends and gives its result. Throws what ended it otherwise. Ctrl-C ends the watching only. */
export async function follow<Result>({ client }: OpenClient, { started, subject, hasProgress }: Followed): Promise<Result> {
  using view = openBackupView();
  using _ = whenInterrupted(() => {
    view[Symbol.dispose]();
    return new OperationError('interrupted', `stopped watching ${subject}`, { detail: `Workflow ${started.workflowId} goes on.`, hint: '`pgconvoy status` shows it; cancelling the workflow in the page of Temporal ends it and removes what it has made.' });
  });
  await watchWorkflow(client, {
    started,
    hasProgress,
    patienceMs: PATIENCE_MS,
    onLook: (look) => view.show(look),
    onTrouble: (trouble) => view.note(trouble === undefined ? '  … goes on' : `  ${trouble} Waiting for it, at most ${PATIENCE_MS / 60_000} minutes; nothing is lost.`),
  });
  return await workflowResult<Result>(client, started).catch((error: unknown) => {
    throw asAnswerable(error, `workflow ${started.workflowId}`);
  });
}

/** A run that nobody works on waits, and would wait silently. */
export async function warnWithoutWorkers({ client }: OpenClient): Promise<void> {
  const idle = (await describeQueues(client)).filter(({ pollers }) => pollers.length === 0).map(({ role }) => role);
  if (idle.length > 0) process.stderr.write(`NOTE:  no worker of role ${idle.join(' and ')} takes work yet; it waits for one. \`pgconvoy up\` or \`pgconvoy worker\` starts it.\n`);
}
