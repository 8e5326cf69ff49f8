import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';

import type { Activities } from '../../activities/index.ts';
import type { NodeSteps } from '../../activities/cluster/contract.ts';
import { CONTROL_QUEUE, nodeQueue } from '../messages.ts';

const ends = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' } as const;

/** Seconds count: what fails is tried again at once, and a worker that died is noticed soon. */
const urgent: ActivityOptions = { ...ends, taskQueue: CONTROL_QUEUE, startToCloseTimeout: '10m', heartbeatTimeout: '5s', retry: { initialInterval: '100ms', backoffCoefficient: 1.5, maximumInterval: '2s' } };

/** Where a decision is made by looking again and again. */
export const urgently = proxyActivities<Activities>(urgent);

/** An order to the agent of a node, for as long as it stands: an agent that is silent finds it when it comes back. Whoever gives it does not wait for it. */
export const standingOrder = (node: string) =>
  proxyActivities<NodeSteps>({ ...urgent, taskQueue: nodeQueue(node), startToCloseTimeout: '2m' });

/** An order to the agent of a node that is waited for: one that does not take it within this time is silent. */
export const onNodeWithin = (node: string, scheduleToStartTimeout: '10s' | '30s', startToCloseTimeout: '2m' | '1h') =>
  proxyActivities<NodeSteps>({ ...ends, taskQueue: nodeQueue(node), scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout: '20s', retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s', maximumAttempts: 8 } });
