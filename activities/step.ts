import { ApplicationFailure, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';

import { catalogueRow, OperationError, reportOf } from '../domain/errors.ts';

/**
 * The edge between our errors and Temporal's. Inside, an `OperationError`; outside, an `ApplicationFailure` whose type is the
 * code and whose retry verdict is the catalogue's. A step that was cancelled ends with the cancellation, whatever error
 * the cancellation caused in a server or a program.
 */
export function step<Input, Result>(work: (input: Input) => Promise<Result>): (input: Input) => Promise<Result> {
  return async (input) => {
    try {
      return await work(input);
    } catch (error) {
      cancellationSignal().throwIfAborted();
      throw toFailure(error);
    }
  };
}

function toFailure(error: unknown): unknown {
  if (!(error instanceof OperationError)) return error;
  const report = reportOf(error);
  return ApplicationFailure.create({ type: report.code, message: report.message, nonRetryable: catalogueRow(report.code).retry === 'never', details: [report] });
}

/** Heartbeats every second while `work` runs, with whatever `details` says then. */
export async function beating<T>(details: () => Readonly<Record<string, string | number | null>>, work: () => Promise<T>): Promise<T> {
  heartbeat(details());
  const timer = setInterval(() => heartbeat(details()), 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Asks until the answer is there, heartbeating; the pause between two questions ends with a cancellation. */
export async function poll<T>(everyMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(everyMs);
  }
}
