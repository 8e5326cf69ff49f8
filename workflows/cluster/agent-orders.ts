import { type ActivityOptions, ActivityFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';

import type { Activities } from '../../activities/index.ts';
import { failWith } from '../failure.ts';
import { nodeQueue } from '../messages.ts';

const SILENT_AFTER = '30s';

/** Steps of any length that heartbeat; a passing fault is ridden out for some minutes, an agent that was killed is waited for as long. */
const options = (node: string): ActivityOptions => ({
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  taskQueue: nodeQueue(node),
  scheduleToStartTimeout: SILENT_AFTER,
  startToCloseTimeout: '30d',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 12 },
});

/** Orders to the agent of a node; given to one that is silent they end as `agent_silent`. */
export const agentOfNode = (node: string) => proxyActivities<Activities>(options(node));

export async function answered<T>(node: string, order: Promise<T>): Promise<T> {
  try {
    return await order;
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') throw failWith('agent_silent', `the agent of node "${node}" does not take orders`, { detail: `It has taken none for ${SILENT_AFTER}.` });
    throw error;
  }
}
