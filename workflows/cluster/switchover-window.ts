import { CancellationScope, sleep } from '@temporalio/workflow';

import { ESCALATION } from '../../domain/cluster/run/machine.ts';
import { POINT_OF_NO_RETURN } from '../../domain/cluster/run/steps.ts';
import type { Settlement } from '../../domain/cluster/run/settle.ts';
import { WINDOW_STEPS } from '../../domain/cluster/switchover/window-result.ts';
import type { ErrorReport } from '../../domain/errors.ts';
import { fromControl, reportOfNode, windowAt } from './switchover-proxies.ts';
import { orderOf, placesOf, type SwitchoverContext } from './switchover-steps.ts';

/** The window. When its step gives no answer, the catalog says what became of it. */
export async function openWindow(context: SwitchoverContext): Promise<void> {
  const { run } = context;
  const { from, to } = placesOf(context);
  const open = new CancellationScope();
  run.onAbort = () => open.cancel();
  try {
    const result = await open.run(() => windowAt(from).switchOverWindow.executeWithOptions({ summary: `writes are held back: ${from} → ${to}` }, [{ ...orderOf(context), candidate: to }]));
    run.noteWindow(result);
    if (result.outcome === 'switched') await record(context, result.timeline);
  } catch (error) {
    await settle(context, reportOfNode(error, from));
  } finally {
    run.onAbort = () => undefined;
  }
}

/** Behind the claim, by whoever is there: promotes, proves that it writes, leads the route. */
export async function finishWindow(context: SwitchoverContext): Promise<void> {
  const { run, of } = context;
  const { to } = placesOf(context);
  const { timeline } = await fromControl.finishSwitchover.executeWithOptions({ summary: `promote ${to}, lead the route` }, [{ ...of, candidate: to, epoch: run.epoch() }]);
  for (const step of ['promote', 'prove-writable', 'switch-route']) run.note(step, 'done');
  run.change({ window: { outcome: 'switched', endLsn: null, timeline, times: {}, blockedMs: null, finishedBy: 'recovery' } });
  await record(context, timeline);
}

/** Until it is written down nobody else would know who is primary. */
async function record(context: SwitchoverContext, timeline: number): Promise<void> {
  const { of, run } = context;
  await untilDone(() => fromControl.recordSwitchover.executeWithOptions({ summary: 'record the roles' }, [{ ...of, ...placesOf(context), epoch: run.epoch(), timeline }]));
}

async function settle(context: SwitchoverContext, error: ErrorReport): Promise<void> {
  const { of, run } = context;
  const { action } = await untilDone(() => fromControl.settleSwitchover.executeWithOptions({ summary: 'what became of the window?' }, [{ ...of, epoch: run.epoch(), candidate: placesOf(context).to }]));
  noteSettlement(context, action, error);
}

function noteSettlement({ run }: SwitchoverContext, action: Settlement['action'], error: ErrorReport): void {
  if (action === 'go-forward') {
    for (const step of WINDOW_STEPS.slice(0, WINDOW_STEPS.indexOf(POINT_OF_NO_RETURN) + 1)) run.note(step, 'done');
    return;
  }
  run.note('drain', 'failed', { error });
  if (action === 'stay-down') run.note(ESCALATION, 'done');
}

const PAUSE_MS = 2000;

/** Nothing can be decided without it. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {
      await sleep(PAUSE_MS);
    }
  }
}
