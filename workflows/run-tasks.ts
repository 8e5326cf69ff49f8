import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

import { nextTask, rankTasks, type Task, type TaskState } from '../domain/copy/tasks.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { reportOfFailure } from './failure.ts';

export interface TaskBoard {
  /** Tasks at work at once; asked again before each start. */
  readonly lanes: () => number;
  /** No new task is begun while this is so; those at work go on to their end. */
  readonly isPaused: () => boolean;
  /** Resolves when the pause is over; asked once nothing is at work any more. */
  readonly whilePaused: () => Promise<void>;
  readonly run: (task: Task) => Promise<void>;
  readonly onChange: (change: { readonly task: Task; readonly state: TaskState }) => void;
  /** Errors after which nothing else of the board can succeed. */
  readonly isFatal: (problem: ErrorReport) => boolean;
}

export interface FailedTask {
  readonly task: Task;
  readonly problem: ErrorReport;
}

/**
 * Works through tasks on a number of lanes, always taking the one with the longest chain behind it. A task that fails holds up
 * only those that need it; all failures are given at the end. After a fatal one the rest is cancelled at once.
 */
export async function runTasks(tasks: readonly Task[], board: TaskBoard): Promise<FailedTask[]> {
  const ranks = rankTasks(tasks);
  const states = new Map<string, TaskState>(tasks.map((task) => [task.id, 'waiting']));
  const failures: FailedTask[] = [];
  let running = 0;
  let fatal = false;
  const set = (task: Task, state: TaskState): void => {
    states.set(task.id, state);
    board.onChange({ task, state });
  };
  const choose = (): Task | undefined => (fatal || board.isPaused() || running >= board.lanes() ? undefined : nextTask(tasks, ranks, (id) => states.get(id) ?? 'done'));

  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const perform = async (task: Task): Promise<void> => {
      try {
        await board.run(task);
        set(task, 'done');
      } catch (error) {
        set(task, 'failed');
        if (isCancellation(error)) return;
        const problem = reportOfFailure(error);
        failures.push({ task, problem });
        if (board.isFatal(problem)) {
          fatal = true;
          scope.cancel();
        }
      } finally {
        running -= 1;
      }
    };
    const started: Promise<void>[] = [];
    try {
      for (;;) {
        const task = choose();
        if (task === undefined) {
          if (running > 0) await condition(() => running === 0 || choose() !== undefined);
          else if (board.isPaused()) await board.whilePaused();
          else return;
          continue;
        }
        running += 1;
        set(task, 'running');
        started.push(perform(task));
      }
    } finally {
      // Cancelled steps are still at work until they say so; nothing may go on beside them.
      await CancellationScope.nonCancellable(() => Promise.all(started));
    }
  }).catch((error: unknown) => {
    if (!fatal || !isCancellation(error)) throw error;
  });
  return failures;
}
