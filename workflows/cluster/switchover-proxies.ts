import { ActivityFailure, type ActivityInterfaceFor, type ActivityOptions, proxyActivities, TimeoutFailure } from '@temporalio/workflow';

import type { Activities } from '../../activities/index.ts';
import type { ErrorReport } from '../../domain/errors.ts';
import { reportOfFailure } from '../failure.ts';
import { CONTROL_QUEUE, nodeQueue } from '../messages.ts';

const ends = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' } as const;
const someTries = { initialInterval: '300ms', backoffCoefficient: 2, maximumInterval: '5s', maximumAttempts: 5 } as const;

/** Looks and entries in the catalog. */
const look: ActivityOptions = { ...ends, taskQueue: CONTROL_QUEUE, startToCloseTimeout: '1m', retry: { ...someTries, maximumAttempts: 8 } };

export const fromControl = proxyActivities<Activities>(look);

/** A look that only the agent of a node can take: one that does not take it soon is silent, and that is an answer. */
export const askNode = (node: string): ActivityInterfaceFor<Activities> => proxyActivities<Activities>({ ...look, taskQueue: nodeQueue(node), scheduleToStartTimeout: '5s', retry: { maximumAttempts: 2 } });

/** Steps around the window, each of which looks first. */
export const atNode = (node: string): ActivityInterfaceFor<Activities> => proxyActivities<Activities>({ ...ends, taskQueue: nodeQueue(node), scheduleToStartTimeout: '30s', startToCloseTimeout: '1h', heartbeatTimeout: '20s', retry: someTries });

/** The window: what a second attempt would mean is decided from the catalog, never by trying again. */
export const windowAt = (node: string): ActivityInterfaceFor<Activities> => proxyActivities<Activities>({ ...ends, taskQueue: nodeQueue(node), scheduleToStartTimeout: '10s', startToCloseTimeout: '1h', heartbeatTimeout: '8s', retry: { maximumAttempts: 1 } });

/** What went wrong at a node; silence of its agent has a code of its own. */
export function reportOfNode(error: unknown, node: string): ErrorReport {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') return { code: 'agent_silent', message: `the agent of node "${node}" does not take orders`, hint: `Is \`pgconvoy worker --role node:${node}\` running on its host, and does it reach Temporal?` };
  return reportOfFailure(error);
}
