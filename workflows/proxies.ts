import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';

import type { Activities } from '../activities/index.ts';
import { CONTROL_QUEUE, DATA_QUEUE } from './messages.ts';

/** An order that is cancelled is over only when its effect is: nothing of it may still be writing. */
const ends = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' } as const;

/** Passing faults are ridden out for about ten minutes; then an operator is asked. */
const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '20s', maximumAttempts: 30 } as const;

/** Short questions and entries in the catalog. */
const quick: ActivityOptions = { ...ends, taskQueue: CONTROL_QUEUE, startToCloseTimeout: '1m', retry: patient };

/** Steps of any length that report their progress; their silence is what counts. */
const long: ActivityOptions = { ...ends, taskQueue: CONTROL_QUEUE, startToCloseTimeout: '30d', heartbeatTimeout: '20s', retry: patient };

/** The same on the workers that carry data. */
const data: ActivityOptions = { ...long, taskQueue: DATA_QUEUE };

/** Not repeated by itself: what a second attempt would mean is for the workflow to decide. */
const once: ActivityOptions = { ...long, retry: { maximumAttempts: 1 } };

/** Watching can begin anew at any time, and an approval waits for its end: of a worker that died, no longer than this. */
const watch: ActivityOptions = { ...long, heartbeatTimeout: '10s' };

/** The window: a worker that died in it is noticed soon, and its successor reads the journal. */
const window: ActivityOptions = { ...long, heartbeatTimeout: '10s', retry: { ...patient, maximumAttempts: 10 } };

export const quickly = proxyActivities<Activities>(quick);
export const patiently = proxyActivities<Activities>(long);
export const onDataWorkers = proxyActivities<Activities>(data);
export const onlyOnce = proxyActivities<Activities>(once);
export const attentively = proxyActivities<Activities>(watch);
export const inTheWindow = proxyActivities<Activities>(window);
