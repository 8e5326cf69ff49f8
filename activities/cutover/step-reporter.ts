import { activityInfo, getClient } from '@temporalio/activity';

import type { CutoverStepReport } from '../../domain/cutover/window.ts';

/** Measures the steps of a window on a monotonic clock, and tells the workflow without making the window wait. */
export interface StepReporter {
  /** The window opens now. */
  open(): void;
  step(step: CutoverStepReport['step']): void;
  /** Milliseconds since the window opened. */
  elapsed(): number;
  steps(): readonly CutoverStepReport[];
  details(): Record<string, string | number>;
}

export function stepReporter(attempt: number): StepReporter {
  const steps: CutoverStepReport[] = [];
  let openedAt = performance.now();
  let doing = 'getting ready';
  const elapsed = (): number => Math.round((performance.now() - openedAt) * 10) / 10;
  return {
    open: () => {
      openedAt = performance.now();
    },
    step: (step) => {
      const report = { attempt, step, ms: elapsed() };
      steps.push(report);
      doing = step;
      tell(report);
    },
    elapsed,
    steps: () => steps,
    details: () => ({ doing, attempt }),
  };
}

function tell(report: CutoverStepReport): void {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) return;
  // News, not a decision: the journal is what counts, so a signal that does not arrive is no failure.
  getClient().workflow.getHandle(workflowExecution.workflowId, workflowExecution.runId).signal('cutoverStep', report).catch(() => undefined);
}
