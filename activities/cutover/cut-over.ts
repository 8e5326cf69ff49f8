import { cancellationSignal, log } from '@temporalio/activity';

import { readCutoverJournal, writeCutoverStep } from '../../catalog/cutover-journal.ts';
import { recordGate } from '../../catalog/gates.ts';
import { takeOver } from '../../domain/cutover/window.ts';
import { type ErrorReport, reportOf } from '../../domain/errors.ts';
import { endSessionsNamed, isOpen, openDatabase } from '../../postgres/cutover/fence.ts';
import { type RouteSwitch, routeSwitch } from '../../providers/route.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';
import { generationsOf } from '../migration/follow.ts';
import { openWindow } from './open-window.ts';
import { awaitReady } from './ready.ts';
import { prove, type Proof } from './prove.ts';
import { stepReporter, type StepReporter } from './step-reporter.ts';
import { deadManName, openWindowSessions, windowName } from './window-sessions.ts';

/** What a worker logs that comes back to a window which another has taken over meanwhile. */
export const WINDOW_LOST = 'another worker has taken this window over: nothing is changed from here';

export type CutoverResult =
  | { readonly outcome: 'switched'; readonly attempt: number; readonly windowMs: number | null; readonly proof: Proof }
  | { readonly outcome: 'reverted'; readonly attempt: number; readonly reason: ErrorReport };

/**
 * The write-blocked window as one step with a journal. Point of no return: when the dead-man's switch on the source has been
 * taken away while the fence stood; before it everything that goes wrong opens the source again, after it the only way is
 * forward, for whoever takes over.
 */
export const cutOver =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<CutoverResult> => {
    const run = await openRun(deps, runId);
    const route = routeSwitch(run.plan.cutover.route, deps.secret);
    await endOlderWindow(run);
    const decision = takeOver(await readCutoverJournal(deps.catalog, runId));
    const report = stepReporter(decision.attempt);
    return await beating(report.details, async () => {
      switch (decision.action) {
        case 'finished':
          return { outcome: 'switched', attempt: decision.attempt, windowMs: null, proof: unproven };
        case 'roll-forward':
          return await rollForward(run, { route, report, attempt: decision.attempt });
        case 'revert':
          return await revert(run, { route, attempt: decision.attempt, reason: { code: 'cutover_reverted', message: 'the worker died inside the window' } });
        case 'begin':
          return await begin(deps, run, { route, report, attempt: decision.attempt });
      }
    });
  };

/**
 * A worker that was given up may still be alive, in the middle of a window. Without its sessions on the source it gets no
 * further than it is; only then does the journal say what holds.
 */
async function endOlderWindow(run: RunContext): Promise<void> {
  await using control = await run.openSourceServer('takeover');
  await endSessionsNamed(control, windowName(run.runId));
}

interface Attempt {
  readonly route: RouteSwitch;
  readonly report: StepReporter;
  readonly attempt: number;
}

async function begin(deps: Dependencies, run: RunContext, { route, report, attempt }: Attempt): Promise<CutoverResult> {
  await using sessions = await openWindowSessions(run, proofLanes(run));
  const generations = run.plan.mode === 'online' ? await generationsOf(deps, run.runId) : [];
  const ready = await awaitReady(run, { sessions, generations });
  await writeCutoverStep(deps.catalog, run.runId, { attempt, step: 'fencing', facts: {} });
  try {
    await openWindow(run, { sessions, generations, ready, route, report, attempt });
  } catch (error) {
    const now = takeOver(await readCutoverJournal(deps.catalog, run.runId));
    // Given up and followed by another worker: the fence, or the switch, is that one's by now.
    if (now.attempt !== attempt || now.action === 'finished') {
      log.warn(WINDOW_LOST, { runId: run.runId, attempt, journal: now });
      // Nobody has a window open, but we may have held the application back again after our successor let it go on.
      if (now.action === 'begin' || now.action === 'finished') await route.resume();
      throw error;
    }
    // Past the point of no return: whoever tries again rolls forward.
    if (now.action === 'roll-forward' && !(await isOpen(sessions.control, run.plan.database))) throw error;
    return await revert(run, { route, attempt, reason: reasonOf(error) });
  }
  const windowMs = report.elapsed();
  await recordGate(deps.catalog, { runId: run.runId, gate: 'switched', attempt, state: 'passed', evidence: { windowMs, steps: report.steps() } });
  const proof = await prove(run, sessions);
  await recordGate(deps.catalog, { runId: run.runId, gate: 'verified', attempt: attempt + 1, state: proof.state === 'equal' ? 'passed' : 'failed', evidence: proof });
  report.step('proved');
  return { outcome: 'switched', attempt, windowMs, proof };
}

const reasonOf = (error: unknown): ErrorReport =>
  cancellationSignal().aborted ? { code: 'cutover_reverted', message: 'the window was told to end, by an abort or by the end of its worker' } : reportOf(error);

/** The proof compares as many tables at once as the copy had lanes. */
const proofLanes = (run: RunContext): number => Math.min(4, run.plan.lanes);

const unproven: Proof = { state: 'unknown', tables: 0, rows: 0, differences: [], reason: 'The worker that held the two snapshots died after the switch.' };

/** Takes the fence down, whatever of it stands. The source serves as before. */
async function revert(run: RunContext, { route, attempt, reason }: { route: RouteSwitch; attempt: number; reason: ErrorReport }): Promise<CutoverResult> {
  await using control = await run.openSourceServer('revert');
  await openDatabase(control, run.plan.database);
  await endSessionsNamed(control, deadManName(run.runId));
  await route.resume();
  await writeCutoverStep(run.catalog, run.runId, { attempt, step: 'reverted', facts: { reason } });
  await recordGate(run.catalog, { runId: run.runId, gate: 'switched', attempt, state: 'reverted', evidence: { reason } });
  return { outcome: 'reverted', attempt, reason };
}

/** After a crash behind the point of no return: the target is complete, only the route is left to switch. */
async function rollForward(run: RunContext, { route, report, attempt }: Attempt): Promise<CutoverResult> {
  await using control = await run.openSourceServer('takeover');
  // Written before the switch was taken away: if it fired in between, the source serves, and the target was never opened.
  if (await isOpen(control, run.plan.database)) return await revert(run, { route, attempt, reason: { code: 'cutover_reverted', message: 'the source opened itself after its budget' } });
  await endSessionsNamed(control, deadManName(run.runId));
  if (await isOpen(control, run.plan.database)) return await revert(run, { route, attempt, reason: { code: 'cutover_reverted', message: 'the source opened itself after its budget' } });
  await route.point({ host: run.target.host, port: run.target.port, database: run.plan.targetDatabase });
  await route.resume();
  await writeCutoverStep(run.catalog, run.runId, { attempt, step: 'switched', facts: { takenOver: true } });
  await recordGate(run.catalog, { runId: run.runId, gate: 'switched', attempt, state: 'passed', evidence: { takenOver: true } });
  report.step('switched');
  return { outcome: 'switched', attempt, windowMs: null, proof: unproven };
}
