import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

import type { PlannedCopy } from '../activities/migration/plan-copy.ts';
import { copyTasks, type Task } from '../domain/copy/tasks.ts';
import type { ErrorReport } from '../domain/errors.ts';
import type { MigrationPlan } from '../domain/migration/plan.ts';
import { failWith, reportOfFailure } from './failure.ts';
import type { MigrationRun } from './migration-run.ts';
import { onDataWorkers, onlyOnce, patiently } from './proxies.ts';
import { type FailedTask, runTasks } from './run-tasks.ts';

/** Snapshots taken for one copy before an operator is asked whether the source can be left alone for so long. */
const MAX_GENERATIONS = 10;

/**
 * Copies rows and builds indexes under one exported snapshot. When the snapshot is lost (its worker or the source died), what
 * is finished stays, and the rest goes on as a new generation with a slot and snapshot of its own.
 */
export async function copyDatabase(run: MigrationRun, plan: MigrationPlan): Promise<void> {
  for (let generation = 1; ; generation += 1) {
    if (generation > MAX_GENERATIONS) await run.park({ code: 'snapshot_lost', message: `the snapshot was lost ${MAX_GENERATIONS} times`, hint: 'Look at the workers and the source; resume tries again.' });
    const outcome = await copyGeneration(run, plan, generation);
    if (outcome === 'finished') return;
  }
}

async function copyGeneration(run: MigrationRun, plan: MigrationPlan, generation: number): Promise<'finished' | 'snapshot-lost'> {
  const { runId } = run;
  const planned = await run.untilMended(() => patiently.planCopy.executeWithOptions({ summary: generation === 1 ? 'plan the copy' : `plan generation ${generation}` }, [{ runId, generation }]));
  const tasks = copyTasks({ ...planned, verify: plan.verify === 'full' });
  run.beginCopy({ tables: planned.tables, bytesTotal: planned.bytes, bytesDone: planned.bytesDone, tasksTotal: tasks.length, generation });
  if (plan.mode === 'online') {
    await run.untilMended(() => patiently.publishTables.executeWithOptions({ summary: 'publish the tables' }, [{ runId, generation }]));
    if (generation > 1) await run.untilMended(() => patiently.retireGenerations.executeWithOptions({ summary: 'drop slots that are not needed any more' }, [{ runId, generation }]));
  }
  return await underSnapshot(run, generation, async () => {
    const outcome = await work(run, plan, { generation, tasks, planned });
    // No logical stream carries them, so online they stay behind, as preflight has said.
    if (outcome === 'finished' && plan.mode === 'offline') await run.untilMended(() => onDataWorkers.copyLargeObjects.executeWithOptions({ summary: 'copy large objects' }, [{ runId, generation }]));
    return outcome;
  });
}

/** Does `work` while a step holds the snapshot; when that step ends first, `work` is cancelled and the snapshot is lost. */
async function underSnapshot(run: MigrationRun, generation: number, work: () => Promise<'finished' | 'snapshot-lost'>): Promise<'finished' | 'snapshot-lost'> {
  const holding = new CancellationScope();
  const working = new CancellationScope();
  let ended: ErrorReport | undefined;
  const holder = holding
    .run(() => onlyOnce.holdSnapshot.executeWithOptions({ summary: `hold the snapshot of generation ${generation}` }, [{ runId: run.runId, generation }]))
    .catch((error: unknown) => {
      if (!isCancellation(error)) ended = reportOfFailure(error);
    })
    .finally(() => working.cancel());
  let outcome: 'finished' | 'snapshot-lost' | undefined;
  try {
    await condition(() => run.heldGeneration === generation || ended !== undefined);
    if (ended !== undefined) return await beginAnew(run, ended);
    outcome = await working.run(work);
    return outcome;
  } catch (error) {
    if (ended === undefined || CancellationScope.current().consideredCancelled) throw error;
    return 'snapshot-lost';
  } finally {
    holding.cancel();
    // It hears of that with its next heartbeat. What comes after a finished copy need not wait for it; a new snapshot, and an undo, must not meet it.
    if (outcome !== 'finished') await CancellationScope.nonCancellable(() => holder);
  }
}

/** The slot could not be made: what passes by itself is tried again as another generation, the rest is for an operator. */
async function beginAnew(run: MigrationRun, problem: ErrorReport): Promise<'snapshot-lost'> {
  const passing: readonly string[] = ['connection_lost', 'server_unreachable', 'snapshot_lost', 'slot_wait_exceeded', 'too_many_connections'];
  if (!passing.includes(problem.code)) await run.park(problem);
  return 'snapshot-lost';
}

interface Work {
  readonly generation: number;
  readonly tasks: readonly Task[];
  readonly planned: PlannedCopy;
}

async function work(run: MigrationRun, plan: MigrationPlan, { generation, tasks }: Work): Promise<'finished' | 'snapshot-lost'> {
  let rest: readonly Task[] = tasks;
  for (;;) {
    const failures = await runTasks(rest, {
      lanes: () => plan.lanes,
      isPaused: () => run.orders.paused,
      whilePaused: () => run.whilePaused(),
      run: (task) => perform(run, generation, task),
      onChange: (change) => run.noteTask(change),
      isFatal: (problem) => problem.code === 'snapshot_lost',
    });
    if (failures.length === 0) return 'finished';
    if (failures.some(({ problem }) => problem.code === 'snapshot_lost')) return 'snapshot-lost';
    await run.park(summaryOf(failures));
    rest = remaining(rest, failures);
  }
}

/** What failed, and what waits for it. */
function remaining(tasks: readonly Task[], failures: readonly FailedTask[]): Task[] {
  const open = new Set(failures.map(({ task }) => task.id));
  for (const task of tasks) if (task.after.some((id) => open.has(id))) open.add(task.id);
  return tasks.filter((task) => open.has(task.id)).map((task) => ({ ...task, after: task.after.filter((id) => open.has(id)) }));
}

function summaryOf(failures: readonly FailedTask[]): ErrorReport {
  const [first] = failures;
  if (first === undefined) throw failWith('bug', 'no failure to report');
  if (failures.length === 1) return { ...first.problem, message: `${first.task.label}: ${first.problem.message}` };
  const list = failures.slice(0, 5).map(({ task, problem }) => `${task.label}: ${problem.message}`).join('; ');
  return { ...first.problem, message: `${failures.length} steps of the copy failed`, detail: list };
}

async function perform(run: MigrationRun, generation: number, task: Task): Promise<void> {
  const { runId } = run;
  const { order } = task;
  const options = { summary: task.label };
  switch (order.kind) {
    case 'parcel': {
      const { rows } = await onDataWorkers.copyParcel.executeWithOptions(options, [{ runId, generation, parcel: order.parcel, whole: order.whole }]);
      run.noteRows(rows);
      return;
    }
    case 'index':
      return await onDataWorkers.buildIndex.executeWithOptions(options, [{ runId, table: order.table, index: order.index }]);
    case 'finish':
      return await onDataWorkers.finishTable.executeWithOptions(options, [{ runId, table: order.table }]);
    case 'verify':
      return await onDataWorkers.verifyTable.executeWithOptions(options, [{ runId, generation, table: order.table }]);
    case 'keys':
      return await onDataWorkers.validateForeignKeys.executeWithOptions(options, [{ runId, from: order.from, to: order.to }]);
  }
}
