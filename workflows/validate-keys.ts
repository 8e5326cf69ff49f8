import type { Task } from '../domain/copy/tasks.ts';
import type { MigrationPlan } from '../domain/migration/plan.ts';
import type { MigrationRun } from './migration-run.ts';
import { onDataWorkers } from './proxies.ts';
import { runTasks } from './run-tasks.ts';

/** Checks the rows behind all foreign keys, on as many lanes as the copy had. */
export async function validateKeys(run: MigrationRun, plan: MigrationPlan, batches: readonly { readonly from: number; readonly to: number }[]): Promise<void> {
  const { runId } = run;
  let rest: Task[] = batches.map(({ from, to }) => ({ id: `keys-${from}-${to}`, label: `validate foreign keys ${from + 1} to ${to}`, order: { kind: 'keys', from, to }, bytes: 0, cost: to - from, after: [] }));
  while (rest.length > 0) {
    const failures = await runTasks(rest, {
      lanes: () => plan.lanes,
      isPaused: () => run.orders.paused,
      whilePaused: () => run.whilePaused(),
      run: (task) => (task.order.kind === 'keys' ? onDataWorkers.validateForeignKeys.executeWithOptions({ summary: task.label }, [{ runId, from: task.order.from, to: task.order.to }]) : Promise.resolve()),
      onChange: () => undefined,
      isFatal: () => false,
    });
    const [first] = failures;
    if (first === undefined) return;
    await run.park(first.problem);
    rest = failures.map(({ task }) => task);
  }
}
