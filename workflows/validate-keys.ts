import type { Task } from '../domain/copy/tasks.ts';
import type { MigrationPlan } from '../domain/migration/plan.ts';
import type { MigrationRun } from './migration-run.ts';
import { onDataWorkers, patiently } from './proxies.ts';
import { runTasks } from './run-tasks.ts';

/** Adds all foreign keys unchecked, then checks them on as many lanes as the copy had. */
export async function validateKeys(run: MigrationRun, plan: MigrationPlan): Promise<void> {
  const { runId } = run;
  const { batches } = await run.untilMended(() => patiently.addForeignKeys.executeWithOptions({ summary: 'add foreign keys' }, [{ runId }]));
  let rest: Task[] = batches.map(({ from, to }) => ({ id: `keys-${from}-${to}`, label: `validate foreign keys ${from + 1} to ${to}`, order: { kind: 'keys', from, to }, bytes: 0, cost: to - from, after: [] }));
  while (rest.length > 0) {
    const failures = await runTasks(rest, {
      lanes: () => plan.lanes,
      isPaused: () => run.orders.paused,
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
