import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/workflow';

import { catalogueRow, type ErrorCode, type ErrorReport, isErrorCode } from '../domain/errors.ts';

/** What went wrong, out of whatever a step or a child threw: the report that our steps put into the details of their failures. */
export function reportOfFailure(error: unknown): ErrorReport {
  const failure = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? (error.cause ?? error) : error;
  if (failure instanceof ApplicationFailure) {
    const [report] = failure.details ?? [];
    if (isErrorCode(failure.type)) return (report as ErrorReport | undefined) ?? { code: failure.type, message: failure.message };
  }
  if (failure instanceof TimeoutFailure) return { code: 'connection_lost', message: 'a step gave no sign of life any more', hint: 'Is a worker running? `pgconvoy status` tells.' };
  if (failure instanceof WorkflowExecutionAlreadyStartedError) return { code: 'already_running', message: `workflow ${failure.workflowId} is under way already` };
  return { code: 'bug', message: failure instanceof Error ? failure.message : String(failure) };
}

/** A failure that ends the workflow, with the catalogue's code as its type. */
export function failureOf(report: ErrorReport): ApplicationFailure {
  return ApplicationFailure.create({ type: report.code, message: report.message, nonRetryable: true, details: [report] });
}

/** A failure made here. */
export function failWith(code: ErrorCode, message: string, fields: { detail?: string; hint?: string } = {}): ApplicationFailure {
  const hint = fields.hint ?? catalogueRow(code).hint;
  return failureOf({ code, message, ...(fields.detail === undefined ? {} : { detail: fields.detail }), ...(hint === undefined ? {} : { hint }) });
}
