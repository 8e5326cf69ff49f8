/**
 * Moves one database to another server. Point of no return: the cutover window has switched; until then an abort, or any
 * failure an operator does not want to mend, leaves both servers as they were. After it the run waits for the commit.
 */
import { allHandlersFinished, CancellationScope, condition, isCancellation, upsertSearchAttributes, uuid4 } from '@temporalio/workflow';

import type { CutoverResult } from '../activities/cutover/cut-over.ts';
import type { BegunRun } from '../activities/migration/begin-run.ts';
import type { ErrorReport } from '../domain/errors.ts';
import type { MigrationPlan } from '../domain/migration/plan.ts';
import { bytesText, type PhaseProgress } from '../domain/migration/progress.ts';
import { copyDatabase } from './copy-database.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { inAdvance } from './in-advance.ts';
import { KIND_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';
import { type MigrateDatabaseInput, migrateDatabaseInput, parseInput } from './migration-input.ts';
import { MigrationRun } from './migration-run.ts';
import { attentively, inTheWindow, patiently, quickly } from './proxies.ts';
import { validateKeys } from './validate-keys.ts';

export interface MigrateDatabaseResult {
  readonly runId: string;
  readonly migration: string;
  readonly planHash: string;
  readonly outcome: 'switched';
  readonly rows: number;
  readonly bytes: number;
  readonly lagBytesMax: number;
  readonly windowMs: number | null;
  readonly proof: Extract<CutoverResult, { outcome: 'switched' }>['proof'];
  readonly phases: readonly PhaseProgress[];
}

export async function migrateDatabase(input: MigrateDatabaseInput): Promise<MigrateDatabaseResult> {
  const { migration, requestedBy, ...overrides } = parseInput(migrateDatabaseInput, input, { migration: 'shop', requestedBy: 'your name' });
  const runId = uuid4().replaceAll('-', '').slice(0, 10);
  const run = new MigrationRun(runId, migration);
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'migration' }, { key: SUBJECT_ATTRIBUTE, value: migration }]);
  const begun = await quickly.beginRun.executeWithOptions({ summary: `decide the plan of ${migration}` }, [{ runId, migration, requestedBy, overrides }]).catch((error: unknown) => {
    throw isCancellation(error) ? error : failureOf(reportOfFailure(error));
  });
  let switched: SwitchedResult;
  try {
    switched = await run.forward.run(() => moveToTarget(run, begun.plan));
  } catch (error) {
    switched = await undo(run, requestedBy, error);
  }
  return await commit(run, begun, switched);
}

type SwitchedResult = Extract<CutoverResult, { outcome: 'switched' }>;

/** The way to the switch, in order. */
async function moveToTarget(run: MigrationRun, plan: MigrationPlan): Promise<SwitchedResult> {
  const { runId } = run;
  const dump = inAdvance(() => patiently.dumpDefinitions.executeWithOptions({ summary: 'dump the definitions' }, [{ runId }]));
  // A dump only reads, so it need not wait for the answers.
  await run.during('preflight', () => dump.beside(() => patiently.checkPreflight.executeWithOptions({ summary: 'ask both servers what would go wrong' }, [{ runId }])), ({ warnings, couldNotLook }) => `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${couldNotLook} unanswered`);
  await run.during('schema', () => run.untilMended(async () => {
    await dump.done();
    await patiently.prepareSchema.executeWithOptions({ summary: 'create types and tables' }, [{ runId }]);
  }));
  if (plan.mode === 'offline') await patiently.stopWriting.executeWithOptions({ summary: 'make the source read-only' }, [{ runId }]);
  await run.during('copy', () => copyDatabase(run, plan), () => copied(run));
  await run.during('indexes', () => run.untilMended(() => patiently.finishSchema.executeWithOptions({ summary: 'create triggers, rules, policies and views' }, [{ runId }])));
  await run.during('catch-up', () => follow(run, plan), () => (plan.mode === 'online' ? `highest lag ${bytesText(run.progress().lag?.bytesMax ?? 0)}` : 'nothing to follow'));
  for (let attempt = 1; ; attempt += 1) {
    await approval(run, plan, attempt);
    const result = await run.during('cutover', () => run.untilMended(() => inTheWindow.cutOver.executeWithOptions({ summary: 'fence, drain, sequences, switch, prove' }, [{ runId }])), describe);
    if (result.outcome === 'switched') {
      run.noteCutover(result.attempt, result.windowMs ?? 0);
      return result;
    }
    if (attempt % plan.cutover.attempts === 0) await run.park(result.reason);
  }
}

const copied = (run: MigrationRun): string => {
  const copy = run.progress().copy;
  return copy === undefined ? '' : `${copy.rows.toLocaleString('en')} rows, ${bytesText(copy.bytesTotal)} in ${copy.tables} tables${copy.generation > 1 ? `, ${copy.generation} snapshots` : ''}`;
};

const describe = (result: CutoverResult): string =>
  result.outcome === 'switched' ? `writes paused for ${result.windowMs ?? '?'} ms; both sides ${result.proof.state}${result.proof.reason === undefined ? '' : ` (${result.proof.reason})`}` : `taken back: ${result.reason.message}`;

/** Attaches the target to the slots, and checks foreign keys while it catches up. */
async function follow(run: MigrationRun, plan: MigrationPlan): Promise<void> {
  const { runId } = run;
  // Tables of several snapshots do not fit together before the changes have brought them to one moment.
  const followed = plan.mode === 'online' && (run.progress().copy?.generation ?? 1) > 1;
  const startFollowing = (): Promise<void> => run.untilMended(() => patiently.startFollowing.executeWithOptions({ summary: 'attach the subscription' }, [{ runId }]));
  const awaitCaughtUp = async (): Promise<void> => run.noteLag(await run.untilMended(() => patiently.awaitCaughtUp.executeWithOptions({ summary: 'catch up' }, [{ runId }])));
  if (followed) {
    await startFollowing();
    await awaitCaughtUp();
  }
  // Otherwise added while nothing else writes to the target: the lock it takes would meet the apply worker's in the other order.
  const { batches } = await run.untilMended(() => patiently.addForeignKeys.executeWithOptions({ summary: 'add foreign keys' }, [{ runId, followed }]));
  if (plan.mode === 'online' && !followed) await startFollowing();
  await validateKeys(run, plan, batches);
  if (plan.mode === 'online') await awaitCaughtUp();
}

/** Waits for approval, while replication is watched, so that a slot that breaks at night is news and no surprise. */
async function approval(run: MigrationRun, plan: MigrationPlan, attempt: number): Promise<void> {
  if (plan.approval === 'none') {
    if (attempt === 1) run.skip('approval', 'not required');
    return await run.whilePaused();
  }
  await run.during('approval', async () => {
    delete run.orders.approved;
    const watching = new CancellationScope();
    const watch = plan.mode === 'online' ? watching.run(() => run.untilMended(() => attentively.watchReplication.executeWithOptions({ summary: 'watch replication' }, [{ runId: run.runId }]))) : Promise.resolve();
    watch.catch(() => undefined);
    try {
      await run.waitFor('waiting-for-approval', `Look at the report, then \`pgconvoy migrate approve ${run.migration}\`.`, () => run.orders.approved !== undefined);
    } finally {
      watching.cancel();
      await CancellationScope.nonCancellable(() => watch.catch(() => undefined));
    }
  }, () => `by ${run.orders.approved?.by ?? ''}`);
}

async function commit(run: MigrationRun, { plan, planHash }: BegunRun, { proof, windowMs }: SwitchedResult): Promise<MigrateDatabaseResult> {
  await run.during('commit', async () => {
    // A difference is for eyes: nothing is thrown away while one is open.
    if (plan.commit === 'required' || proof.state === 'different') {
      await run.waitFor('waiting-for-commit', `The target serves; both sides are ${proof.state}. \`pgconvoy migrate commit ${run.migration}\` removes what the migration made.`, () => run.orders.committed !== undefined);
    }
    await run.untilMended(() => patiently.commitMigration.executeWithOptions({ summary: 'remove slots, subscriptions, schemas' }, [{ runId: run.runId }]));
  });
  const { copy, lag } = run.progress();
  const result: MigrateDatabaseResult = {
    runId: run.runId, migration: run.migration, planHash, outcome: 'switched', rows: copy?.rows ?? 0, bytes: copy?.bytesTotal ?? 0, lagBytesMax: lag?.bytesMax ?? 0, windowMs, proof, phases: run.phases(),
  };
  await quickly.recordEnd.executeWithOptions({ summary: 'record the end' }, [{ runId: run.runId, migration: run.migration, by: run.orders.committed?.by ?? 'pgconvoy', end: { state: 'completed', result } }]);
  run.become('completed');
  await condition(allHandlersFinished);
  return result;
}

/**
 * Takes everything back, whatever happens meanwhile, and ends as what it was: aborted, or failed with the first error. When
 * the point of no return was passed before the order came, nothing can be taken back, and the switch is finished instead.
 */
async function undo(run: MigrationRun, requestedBy: string, error: unknown): Promise<SwitchedResult> {
  return await CancellationScope.nonCancellable(async () => {
    // A step whose worker has died ends by its silence, also when it was told to end.
    const aborted = isCancellation(error) || run.orders.aborted !== undefined;
    const by = run.orders.aborted?.by ?? requestedBy;
    const problem: ErrorReport = aborted ? { code: 'aborted', message: `migration ${run.migration} was aborted by ${by}` } : reportOfFailure(error);
    run.fail(problem);
    run.become('aborting', 'Removing what the migration made on both servers.');
    // Preflight makes nothing, and a server that it could not reach could not be tidied up either.
    const switched = run.standing.phase === 'preflight' ? undefined : await takeBack(run);
    if (switched !== undefined) return switched;
    run.fail(problem);
    await quickly.recordEnd.executeWithOptions({ summary: 'record the end' }, [{ runId: run.runId, migration: run.migration, by, end: { state: aborted ? 'aborted' : 'failed', error: problem } }]);
    run.become(aborted ? 'aborted' : 'failed');
    await condition(allHandlersFinished);
    throw aborted && run.orders.aborted === undefined ? error : failureOf(problem);
  });
}

/** Undefined when both servers are as they were. */
async function takeBack(run: MigrationRun): Promise<SwitchedResult | undefined> {
  const { runId } = run;
  for (;;) {
    const { outcome } = await run.untilMended(() => patiently.undoMigration.executeWithOptions({ summary: 'leave both servers as they were' }, [{ runId }]));
    if (outcome === 'undone') return undefined;
    run.become('running', 'The point of no return had been passed: the target is complete, and the switch goes on.');
    const result = await run.untilMended(() => inTheWindow.cutOver.executeWithOptions({ summary: 'finish the switch' }, [{ runId }]));
    if (result.outcome === 'switched') {
      run.noteCutover(result.attempt, result.windowMs ?? 0);
      return result;
    }
  }
}
