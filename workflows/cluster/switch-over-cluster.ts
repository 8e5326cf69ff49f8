/**
 * Planned switchover (step list C). Everything slow comes before or after the write-blocked window, which is one step on the agent of the old primary. What
 * comes next is decided from the journal; before the claim of the epoch everything can be taken back, after it there is only forward.
 */
import { allHandlersFinished, CancellationScope, condition, isCancellation, ParentClosePolicy, sleep, startChild, uuid4 } from '@temporalio/workflow';

import { ESCALATION, mayAbort, nextMove, type Move } from '../../domain/cluster/run/machine.ts';
import { SWITCHOVER_STEPS } from '../../domain/cluster/run/steps.ts';
import type { SwitchoverResult } from '../../domain/cluster/switchover/result.ts';
import { parseInput } from '../migration-input.ts';
import { failureOf, reportOfFailure } from '../failure.ts';
import { redundancyWorkflowId } from '../messages.ts';
import { escalate } from './switchover-escalation.ts';
import { type SwitchOverClusterInput, switchOverClusterInput } from './switchover-input.ts';
import { lookBeforehand } from './switchover-preflight.ts';
import { fromControl } from './switchover-proxies.ts';
import { SwitchoverRun } from './switchover-run.ts';
import { doStep, placesOf, type SwitchoverContext, undoStep } from './switchover-steps.ts';

export async function switchOverCluster(input: SwitchOverClusterInput): Promise<SwitchoverResult> {
  const given = parseInput(switchOverClusterInput, input, { cluster: 'shop', to: 'n2', requestedBy: 'your name' });
  const operation = uuid4().replaceAll('-', '').slice(0, 10);
  const { cluster, requestedBy: by } = given;
  const of = { cluster, operation, by };
  const run = new SwitchoverRun(operation, cluster, ({ by: who, note }) => fromControl.auditSwitchoverOrder.executeWithOptions({ summary: 'audit: abort' }, [{ ...of, by: who, order: 'abort', note: note ?? null }]));
  const context: SwitchoverContext = { of, run, given };
  if (given.dryRun) return { end: null, operation, cluster, plan: await lookOnly(context), window: null, missing: [], problems: [] };
  // A cancellation is an order to take everything back, as far as that is possible still.
  void CancellationScope.current().cancelRequested.catch(() => run.abort());
  return await CancellationScope.nonCancellable(() => follow(context));
}

/** What cannot be looked at ends it with the code of the reason. */
const lookOnly = (context: SwitchoverContext): ReturnType<typeof lookBeforehand> =>
  lookBeforehand(context).catch((error: unknown) => {
    throw isCancellation(error) ? error : failureOf(reportOfFailure(error));
  });

/** Longest pause between two tries of what has no other way than through. */
const TRY_AGAIN_MS = { first: 500, most: 20_000 };

async function follow(context: SwitchoverContext): Promise<SwitchoverResult> {
  const { run, of } = context;
  for (let failures = 0; ; ) {
    const move = nextMove(SWITCHOVER_STEPS, run.events, run.abortOrdered);
    if (move.move === 'end') return await end(context, move);
    const well = await make(context, move);
    failures = well ? 0 : failures + 1;
    await fromControl.keepRunStep.executeWithOptions({ summary: 'keep the journal' }, [{ operation: of.operation, events: run.takeUnwritten() }]).catch(() => undefined);
    if (!well) await sleep(Math.min(TRY_AGAIN_MS.most, TRY_AGAIN_MS.first * 2 ** Math.min(failures, 8)));
  }
}

/** Gives false when the same thing has to be tried again after a pause. */
async function make(context: SwitchoverContext, move: Exclude<Move, { move: 'end' }>): Promise<boolean> {
  const { run } = context;
  switch (move.move) {
    case 'do':
      return await attempt(context, move.step);
    case 'undo':
      return await takeBack(context, move.step);
    case 'escalate':
      return await escalate(context);
    case 'wait':
      await condition(() => run.abortOrdered);
      return true;
  }
}

async function attempt(context: SwitchoverContext, step: string): Promise<boolean> {
  const { run } = context;
  const begun = Date.now();
  run.note(step, 'intent');
  try {
    // The window says of several steps what became of them.
    if (!(await doStep(context, step))) run.note(step, 'done', { ms: Date.now() - begun });
    return true;
  } catch (error) {
    const problem = reportOfFailure(error);
    run.note(step, 'failed', { ms: Date.now() - begun, error: problem });
    // Behind the claim, and another operation has claimed a later one: it decides.
    if (problem.code === 'epoch_refused' && !mayAbort(run.events)) run.note(ESCALATION, 'done');
    return SWITCHOVER_STEPS.find(({ id }) => id === step)?.onFailure !== 'retry';
  }
}

async function takeBack(context: SwitchoverContext, step: string): Promise<boolean> {
  const { run } = context;
  run.note(step, 'undo-intent');
  try {
    for (const undone of await undoStep(context, step)) run.note(undone, 'undone');
    return true;
  } catch (error) {
    run.note(step, 'undo-failed', { error: reportOfFailure(error) });
    return false;
  }
}

async function end(context: SwitchoverContext, { end: verdict, missing }: Extract<Move, { move: 'end' }>): Promise<SwitchoverResult> {
  const { run, of } = context;
  run.ended(verdict);
  const { cluster, operation } = of;
  const result: SwitchoverResult = { end: verdict, operation, cluster, plan: run.plan, window: run.progress.window, missing, problems: run.progress.problems };
  await fromControl.keepRunStep.executeWithOptions({ summary: 'keep the journal' }, [{ operation, events: run.takeUnwritten() }]);
  await fromControl.endSwitchover.executeWithOptions({ summary: 'record the end' }, [{ ...of, result }]);
  if (missing.includes('start-old-as-standby')) await leaveRedundancy(context);
  await condition(allHandlersFinished);
  return result;
}

/** What is left to be done takes as long as it takes; nobody waits for it. */
async function leaveRedundancy(context: SwitchoverContext): Promise<void> {
  const { cluster, operation, by } = context.of;
  const { from, to } = placesOf(context);
  await startChild('restoreRedundancy', { workflowId: redundancyWorkflowId(cluster, operation), parentClosePolicy: ParentClosePolicy.ABANDON, args: [{ cluster, node: from, primary: to, operation, requestedBy: by }], staticSummary: `bring ${from} back` });
}
