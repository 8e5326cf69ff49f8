import type { Client } from '@temporalio/client';

export interface RunUnderWay {
  readonly workflowId: string;
  readonly type: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

const LIMIT = 100;

/** The workflows that run, at most 100, newest first. */
export async function runsUnderWay(client: Client): Promise<RunUnderWay[]> {
  const found: RunUnderWay[] = [];
  for await (const { workflowId, type, startTime } of client.workflow.list({ query: "ExecutionStatus = 'Running'", pageSize: LIMIT })) {
    found.push({ workflowId, type, startedAt: startTime.toISOString() });
    if (found.length === LIMIT) break;
  }
  return found.toSorted((left, right) => right.startedAt.localeCompare(left.startedAt));
}
