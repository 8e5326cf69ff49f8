/** Ends a window that was not passed in one go, by whoever finds it: forward when it was claimed, else back, and neither when a later operation decides. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { OpenWindow } from '../../../agent/agent-journal.ts';
import type { NodeAgent } from '../../../agent/node-agent.ts';
import { settleEpoch } from '../../../catalog/cluster/epochs.ts';
import { readSteps } from '../../../catalog/cluster/steps.ts';
import { type Settlement, settleWindow } from '../../../domain/cluster/run/settle.ts';
import type { WindowResult, WindowStep } from '../../../domain/cluster/switchover/window-result.ts';
import type { ErrorReport } from '../../../domain/errors.ts';
import { addStandbySignal } from '../../../programs/cluster/standby-signal.ts';
import type { OpenRoute } from '../../../providers/open-route.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { DeadMan } from './dead-man.ts';
import { finishPromotion } from './finish-promotion.ts';
import { giveBack } from './give-back.ts';
import type { WindowDiary } from './window-diary.ts';
import type { WindowOrder } from './window-order.ts';

export interface Ending {
  readonly agent: NodeAgent;
  readonly window: OpenWindow;
  readonly reason: ErrorReport;
  /** Of the process that had opened it. */
  readonly live?: { readonly diary: WindowDiary; readonly man: DeadMan; readonly route: OpenRoute };
}

const ASK_AGAIN_MS = 300;

/** The window of an operation that the agent has on disk, or whose steps the catalog has: it is never opened a second time. */
export async function windowOf(deps: Dependencies, agent: NodeAgent, order: WindowOrder): Promise<OpenWindow | null> {
  const { window } = agent.journal.facts();
  if (window?.operation === order.operation) return window;
  const steps = await readSteps(deps.catalog, order.operation);
  return steps.some(({ step }) => step === 'drain') ? { operation: order.operation, epoch: order.epoch, candidate: order.candidate, step: 'asked' } : null;
}

export async function endWindow(deps: Dependencies, ending: Ending): Promise<WindowResult> {
  const { agent, window, reason, live } = ending;
  const failedAt: WindowStep = live?.diary.doing ?? (window.step === 'draining' ? 'stop-primary' : 'confirm-received');
  const times = live?.diary.times() ?? {};
  const { action, reason: why } = await settle(deps, ending);
  switch (action) {
    case 'go-forward': {
      const plan = agent.plan();
      const timeline = await finishPromotion(deps, { plan, candidate: agent.address(window.candidate), epoch: window.epoch });
      await agent.journal.keep({ window: null });
      return { outcome: 'switched', endLsn: null, timeline, times, blockedMs: null, finishedBy: 'recovery' };
    }
    case 'stay-down': {
      await addStandbySignal(await agent.server());
      await agent.journal.keep({ window: null });
      return { outcome: 'stayed-down', failedAt, reason: { ...reason, detail: why }, times };
    }
    case 'give-back': {
      await giveBack(deps, ending);
      await agent.journal.keep({ window: null });
      return { outcome: 'given-back', failedAt, reason, times };
    }
  }
}

/** Asks until the catalog answers. Only who never asked for the epoch and has heard the catalog within its lease may go back without an answer. */
async function settle({ catalog }: Dependencies, { agent, window, live }: Ending): Promise<Pick<Settlement, 'action' | 'reason'>> {
  const leaseLeftMs = live?.man.claim === 'not-asked' ? agent.plan().lease.selfStopMs / 2 - live.man.sinceHeardMs() : -1;
  const alone = new AbortController();
  const timer = leaseLeftMs > 0 ? setTimeout(() => alone.abort(), leaseLeftMs) : undefined;
  try {
    for (;;) {
      const known = await settleEpoch(catalog, agent.cluster, window).catch(() => undefined);
      if (known !== undefined) return settleWindow(known, window);
      if (alone.signal.aborted) return { action: 'give-back', reason: 'Nothing was asked of the catalog, and the lease has not run out.' };
      await sleep(ASK_AGAIN_MS);
    }
  } finally {
    clearTimeout(timer);
  }
}

const RECOVER_TRIES = 5;

/** For an agent that starts: before it takes orders, it ends the window that its predecessor was killed in. After some tries it takes orders nevertheless. */
export async function recoverWindow(deps: Dependencies, agent: NodeAgent): Promise<void> {
  const { window } = agent.journal.facts();
  if (window === null) return;
  using _ = agent.expectStop();
  for (let tried = 1; ; tried += 1) {
    try {
      return void (await endWindow(deps, { agent, window, reason: KILLED }));
    } catch (error) {
      if (tried === RECOVER_TRIES) throw error;
      await sleep(ASK_AGAIN_MS * tried);
    }
  }
}

export const KILLED = { code: 'switchover_reverted', message: 'the agent was killed inside the window' } as const;
