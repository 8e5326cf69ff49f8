import { cancellationSignal } from '@temporalio/activity';

import { writeCutoverStep } from '../../catalog/cutover-journal.ts';
import { OperationError } from '../../domain/errors.ts';
import { armDeadMan, closeDatabase, endSessionsNamed, isOpen, listForeign, terminateForeign } from '../../postgres/cutover/fence.ts';
import { flushApplied } from '../../postgres/replication/subscription.ts';
import { recopyTables } from '../../postgres/copy/recopy-tables.ts';
import { readHeartbeat, sendHeartbeat } from '../../postgres/run-schema.ts';
import { readSchemaFingerprint } from '../../postgres/schema-fingerprint.ts';
import { changedSequences, readSequences, writeSequences } from '../../postgres/sequences.ts';
import type { RouteSwitch } from '../../providers/route.ts';
import type { RunContext } from '../dependencies.ts';
import { holdProofSnapshot } from './prove.ts';
import { first, type Ready } from './ready.ts';
import type { StepReporter } from './step-reporter.ts';
import { deadManName, type WindowSessions } from './window-sessions.ts';

/** Kept back of the budget for taking everything down again in time. */
const RESERVE_MS = 500;

export interface WindowOrder {
  readonly sessions: WindowSessions;
  readonly generations: readonly number[];
  readonly ready: Ready;
  readonly route: RouteSwitch;
  readonly report: StepReporter;
  readonly attempt: number;
}

/** Fence, drain, sequences, switch. Anything thrown before the point of no return is for the caller to revert. */
export async function openWindow(run: RunContext, order: WindowOrder): Promise<void> {
  const { sessions, generations, ready, route, report, attempt } = order;
  const { budgetMs } = run.plan.cutover;
  const { database } = run.plan;
  report.open();
  const inBudget = (doing: string): void => {
    cancellationSignal().throwIfAborted();
    if (report.elapsed() < budgetMs - RESERVE_MS) return;
    throw new OperationError('cutover_reverted', `the cutover was still ${doing} when its budget of ${budgetMs} ms ran out`);
  };
  await route.pause(AbortSignal.any([cancellationSignal(), AbortSignal.timeout(Math.max(0, budgetMs - RESERVE_MS))]));
  report.step('paused');
  armDeadMan(sessions.deadMan, database, budgetMs);
  report.step('armed');
  await fence(sessions, { database, inBudget });
  report.step('fenced');
  if ((await readSchemaFingerprint(first(sessions.source))) !== ready.fingerprint) throw new OperationError('schema_changed', `tables of database ${database} were changed while the window opened`);
  await drain(run, { sessions, generations, inBudget });
  report.step('drained');
  await recopyTables(first(sessions.source), first(sessions.target), ready.recopy);
  inBudget('copying tables outside the log');
  await carrySequences(sessions, ready);
  await flushApplied(first(sessions.target));
  report.step('sequences');
  inBudget('setting sequences');
  await writeCutoverStep(run.catalog, run.runId, { attempt, step: 'point-of-no-return', facts: { ms: report.elapsed() } });
  await endSessionsNamed(sessions.control, deadManName(run.runId));
  if (await isOpen(sessions.control, database)) throw new OperationError('cutover_reverted', `the source opened itself after its budget of ${budgetMs} ms`);
  report.step('point-of-no-return');
  await holdProofSnapshot(sessions);
  await route.point({ host: run.target.host, port: run.target.port, database: run.plan.targetDatabase });
  await route.resume();
  report.step('switched');
  await writeCutoverStep(run.catalog, run.runId, { attempt, step: 'switched', facts: { ms: report.elapsed() } });
}

interface Bounded {
  readonly inBudget: (doing: string) => void;
}

/** Closes the database and cuts every foreign session, until none is left: those that were just connecting too (F61). */
async function fence(sessions: WindowSessions, { database, inBudget }: Bounded & { database: string }): Promise<void> {
  await closeDatabase(sessions.control, database);
  for (;;) {
    await terminateForeign(sessions.control, database, sessions.ours);
    const left = await listForeign(sessions.control, database, sessions.ours);
    if (left.length === 0) return;
    inBudget(`ending ${left.length} sessions (${left.slice(0, 3).map((session) => `pid ${session.pid} of ${session.user}`).join(', ')})`);
    await pause(2);
  }
}

/** Writes a last row on the fenced source and waits until it is seen on the target: all that was committed before it is there. */
async function drain(run: RunContext, { sessions, generations, inBudget }: Bounded & { sessions: WindowSessions; generations: readonly number[] }): Promise<void> {
  const [source, target] = [first(sessions.source), first(sessions.target)];
  for (const generation of generations) {
    const token = `fence ${crypto.randomUUID()}`;
    await sendHeartbeat(source, { runId: run.runId, generation, token });
    while ((await readHeartbeat(target, run.runId, generation))?.token !== token) {
      inBudget('draining');
      await pause(2);
    }
  }
}

/** Only those that moved since they were set before the window. */
async function carrySequences(sessions: WindowSessions, ready: Ready): Promise<void> {
  const now = await readSequences(first(sessions.source), ready.sequences);
  await writeSequences(first(sessions.target), changedSequences(ready.sequences, now));
  const there = await readSequences(first(sessions.target), now);
  const wrong = changedSequences(now, there);
  if (wrong.length > 0) throw new OperationError('verification_failed', `${wrong.length} sequences are not as on the source`, { detail: wrong.slice(0, 10).map(nameOf).join(', ') });
}

const nameOf = (state: { schema: string; name: string }): string => `${state.schema}.${state.name}`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

