/** What each step of a switchover does, and what takes it back. Every one looks first and may be done again. */
import type { Preparation } from '../../domain/cluster/switchover/preparation.ts';
import { WINDOW_STEPS } from '../../domain/cluster/switchover/window-result.ts';
import { ESCALATION } from '../../domain/cluster/run/machine.ts';
import type { SynchronousNames } from '../../domain/cluster/synchronous/names.ts';
import { failWith, reportOfFailure } from '../failure.ts';
import { atNode, fromControl } from './switchover-proxies.ts';
import { lookBeforehand } from './switchover-preflight.ts';
import type { SwitchoverRun } from './switchover-run.ts';
import { finishWindow, openWindow } from './switchover-window.ts';

export interface SwitchoverContext {
  readonly of: { readonly cluster: string; readonly operation: string; readonly by: string };
  readonly run: SwitchoverRun;
  readonly given: { readonly to?: string | undefined; readonly ignoreCoolDown: boolean };
  /** Set by the step `prepare`. */
  preparation?: Preparation;
}

/** What every order to a node carries. */
export const orderOf = ({ of: { cluster, operation }, run }: SwitchoverContext) => ({ cluster, operation, epoch: run.epoch() });

export const placesOf = ({ run }: SwitchoverContext): { from: string; to: string } => ({ from: run.progress.from!, to: run.progress.to! });

/** Gives true when it has noted by itself what became of it and of others. */
export async function doStep(context: SwitchoverContext, step: string): Promise<boolean> {
  const { of, run, given } = context;
  switch (step) {
    case 'lock':
      await fromControl.beginSwitchover.executeWithOptions({ summary: `take cluster ${of.cluster}` }, [{ ...of, to: given.to ?? null }]);
      return false;
    case 'reserve-epoch':
      run.change({ epoch: await fromControl.reserveSwitchoverEpoch.executeWithOptions({ summary: 'reserve an epoch' }, [of]) });
      return false;
    case 'pause-watcher':
      await fromControl.pauseForSwitchover.executeWithOptions({ summary: 'pause the watcher' }, [of]);
      return false;
    case 'preflight':
      await preflight(context);
      return false;
    case 'prepare':
      await prepare(context);
      return false;
    case 'promote':
    case 'prove-writable':
    case 'switch-route':
      await finishWindow(context);
      return true;
    case 'start-old-as-standby':
      await startOld(context);
      return false;
    case 'confirm-siblings':
      await confirmSiblings(context);
      return false;
    case 'tidy-slots':
      await tidy(context);
      return false;
    case 'analyze':
      await atNode(placesOf(context).to).analyzeNode.executeWithOptions({ summary: 'ANALYZE' }, [orderOf(context)]);
      return false;
    case 'resume-watcher':
      await fromControl.resumeAfterSwitchover.executeWithOptions({ summary: 'resume the watcher' }, [of]);
      return false;
    case 'unlock':
      await fromControl.releaseAfterSwitchover.executeWithOptions({ summary: 'give the cluster back' }, [of]);
      return false;
    default:
      await openWindow(context);
      return true;
  }
}

/** Gives every step that it has taken back. */
export async function undoStep(context: SwitchoverContext, step: string): Promise<readonly string[]> {
  const { of, run } = context;
  switch (step) {
    case 'lock':
      await fromControl.releaseAfterSwitchover.executeWithOptions({ summary: 'give the cluster back' }, [of]);
      return [step];
    case 'pause-watcher':
      await fromControl.resumeAfterSwitchover.executeWithOptions({ summary: 'resume the watcher' }, [of]);
      return [step];
    case 'prepare':
      await undoPreparation(context);
      return [step];
    default: {
      const { from, to } = placesOf(context);
      const result = await atNode(from).endSwitchoverWindow.executeWithOptions({ summary: `${from} takes its window back` }, [{ ...orderOf(context), candidate: to }]);
      if (result.outcome === 'stayed-down') run.note(ESCALATION, 'done');
      return result.outcome === 'given-back' ? WINDOW_STEPS.filter((one) => run.events.some((event) => event.step === one)) : [];
    }
  }
}

async function preflight(context: SwitchoverContext): Promise<void> {
  const { preflight: found, to } = await lookBeforehand(context);
  if (found.canProceed) return;
  const blocking = found.checks.filter(({ state, severity }) => state !== 'ok' && severity === 'blocking');
  throw failWith('preflight_failed', `${blocking.length} checks stand against a switchover to node "${to}"`, { detail: blocking.map(({ id, evidence }) => `${id}: ${evidence}`).join('\n'), hint: blocking[0]?.remedy ?? 'Run `pgconvoy cluster switchover --dry-run`.' });
}

/** From 14 on, a promotion is not held up by a restore_command; followers that hang are noticed soon. */
const ASIDE = { candidate: { restore_command: '' }, old: { wal_sender_timeout: '2s' } };

async function prepare(context: SwitchoverContext): Promise<void> {
  const { from, to } = placesOf(context);
  const order = orderOf(context);
  const preparation = await fromControl.planSwitchoverPreparation.executeWithOptions({ summary: 'what has to be arranged?' }, [{ cluster: order.cluster, from, to }]);
  context.preparation = preparation;
  await atNode(to).reconcileNodeSlots.executeWithOptions({ summary: `slots on ${to}` }, [{ ...order, planned: preparation.slots, keep: [] }]);
  await Promise.all([
    atNode(to).setAside.executeWithOptions({ summary: `put restore_command of ${to} aside` }, [{ ...order, settings: ASIDE.candidate }]),
    atNode(from).setAside.executeWithOptions({ summary: `lower wal_sender_timeout of ${from}` }, [{ ...order, settings: ASIDE.old }]),
    ...preparation.moves.map((sibling) => follow(context, sibling, to)),
  ]);
  await setNames(context, preparation.names);
  await atNode(from).checkpointNode.executeWithOptions({ summary: `CHECKPOINT of ${from}` }, [order]);
}

async function undoPreparation(context: SwitchoverContext): Promise<void> {
  const { preparation } = context;
  if (preparation === undefined) return;
  const { from, to } = placesOf(context);
  const order = orderOf(context);
  await settled([
    ...preparation.moves.map((sibling) => follow(context, sibling, from)),
    setNames(context, preparation.namesBefore),
    atNode(to).putBack.executeWithOptions({ summary: `settings of ${to} as before` }, [order]),
    atNode(from).putBack.executeWithOptions({ summary: `settings of ${from} as before` }, [order]),
  ]);
  await atNode(to).reconcileNodeSlots.executeWithOptions({ summary: `slots on ${to} as before` }, [{ ...order, planned: preparation.slotsBefore, keep: [] }]);
}

const setNames = (context: SwitchoverContext, names: SynchronousNames | null): Promise<void> =>
  atNode(placesOf(context).to).setSynchronousNames.executeWithOptions({ summary: 'synchronous names of the candidate' }, [{ ...orderOf(context), names }]);

const follow = (context: SwitchoverContext, node: string, upstream: string): Promise<unknown> => atNode(node).followNode.executeWithOptions({ summary: `${node} follows ${upstream}` }, [{ ...orderOf(context), upstream }]);

/** An archiver that hangs keeps the processes of the old primary for so long, though it can write no more. */
const END_MS = 120_000;

async function startOld(context: SwitchoverContext): Promise<void> {
  const { from, to } = placesOf(context);
  await atNode(from).stopNode.executeWithOptions({ summary: `the last processes of ${from} end` }, [{ ...orderOf(context), mode: 'fast', withinMs: END_MS }]);
  await atNode(from).startNode.executeWithOptions({ summary: `${from} follows ${to}` }, [{ ...orderOf(context), as: 'standby', upstream: to }]);
}

const confirmSiblings = (context: SwitchoverContext): Promise<void> => settled((context.preparation?.siblings ?? []).map((sibling) => follow(context, sibling, placesOf(context).to)));

async function tidy(context: SwitchoverContext): Promise<void> {
  const { preparation, run } = context;
  if (preparation === undefined) return;
  const { from, to } = placesOf(context);
  const order = orderOf(context);
  const oldIsBack = run.events.some(({ step, phase }) => step === 'start-old-as-standby' && phase === 'done');
  const nodes = Object.entries(preparation.slotsAfter).filter(([node]) => node !== from || oldIsBack);
  await settled([
    ...nodes.map(([node, planned]) => atNode(node).reconcileNodeSlots.executeWithOptions({ summary: `slots on ${node}` }, [{ ...order, planned, keep: [] }])),
    ...[to, ...(oldIsBack ? [from] : [])].map((node) => atNode(node).putBack.executeWithOptions({ summary: `settings of ${node} as before` }, [order])),
  ]);
}

/** All of them, and then the first that failed. */
async function settled(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).filter((end) => end.status === 'rejected');
  const [first] = failed;
  if (first === undefined) return;
  if (failed.length === 1) throw first.reason;
  throw failWith('node_failed', `${failed.length} orders to nodes did not succeed`, { detail: failed.map(({ reason }) => reportOfFailure(reason).message).join('\n') });
}
