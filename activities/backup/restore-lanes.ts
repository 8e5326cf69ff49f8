import type { Refusal } from './restore-faults.ts';
import { nextStep, type RestoreStep } from '../../domain/backup/restore-steps.ts';

export interface StepFailure extends Refusal {
  readonly name: string;
}

export interface LaneOrder {
  readonly steps: readonly RestoreStep[];
  /** Steps of an earlier attempt. */
  readonly done: ReadonlySet<string>;
  readonly lanes: number;
  /** Gives the reason when the step's own content or the server's verdict on it is at fault; throws when anything else is. */
  readonly run: (step: RestoreStep) => Promise<Refusal | undefined>;
}

/**
 * Runs steps in lanes, each as soon as those it waits for are done. What waits for a step that failed is not tried; all
 * else is, so that every failure is in the list. An error that is thrown ends it all, when the steps under way have ended.
 */
export async function runLanes({ steps, done: before, lanes, run }: LaneOrder): Promise<StepFailure[]> {
  const waiting = steps.filter(({ id }) => !before.has(id));
  const done = new Set(before);
  const going: RestoreStep[] = [];
  const failures: StepFailure[] = [];
  let thrown: { readonly error: unknown } | undefined;
  let wake = Promise.withResolvers<void>();
  const finish = async (step: RestoreStep): Promise<void> => {
    try {
      const refusal = await run(step);
      if (refusal === undefined) done.add(step.id);
      else failures.push({ name: step.name, ...refusal });
    } catch (error) {
      thrown ??= { error };
    }
    going.splice(going.indexOf(step), 1);
    wake.resolve();
  };
  for (;;) {
    const next = thrown === undefined && going.length < lanes ? nextStep(waiting, { done, going }) : undefined;
    if (next !== undefined) {
      waiting.splice(waiting.indexOf(next), 1);
      going.push(next);
      void finish(next);
      continue;
    }
    if (going.length === 0) break;
    await wake.promise;
    wake = Promise.withResolvers();
  }
  if (thrown !== undefined) throw thrown.error;
  // That nobody asks for statistics of what is not whole is no failure.
  const untried = waiting.filter(({ work }) => work.kind !== 'statistics');
  return [...failures, ...untried.map(({ name }) => ({ name, reason: 'not tried, since what it needs failed', damage: false }))];
}
