import { hostname } from 'node:os';

import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';

import { createActivities } from '../activities/index.ts';
import { temporalConnection } from '../config/temporal-connection.ts';
import { OperationError } from '../domain/errors.ts';
import { CONTROL_QUEUE, DATA_QUEUE } from '../workflows/messages.ts';
import { buildDependencies } from './dependencies.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { workflowBundle } from './workflow-bundle.ts';

export const ROLES = ['control', 'data'] as const;
export type Role = (typeof ROLES)[number];

export interface WorkerOrder {
  readonly roles: readonly Role[];
  readonly inventory: string | undefined;
  /** Parcels and index builds at once on this worker. */
  readonly dataSlots: number;
  /** Called when every queue is being polled. */
  readonly onReady: (identity: string) => void;
}

/** How long steps at work may take to reach their next resting place after a SIGTERM, and then to end. */
const GRACE = '5s';
const FORCE = '15s';

/** The core's errors are printed structures; the reason is the text inside. */
const reasonOf = ({ message }: Error): string => /message: "([^"]+)"/.exec(message)?.[1] ?? message;

/** Runs workers of the given roles in this process until it is told to stop. */
export async function runWorker(order: WorkerOrder): Promise<void> {
  const { connectionOptions, namespace } = temporalConnection();
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    throw new OperationError('temporal_unreachable', `could not reach the Temporal server at ${connectionOptions.address ?? '127.0.0.1:7233'}`, { detail: reasonOf(error as Error), cause: error });
  });
  const deps = await buildDependencies(order.inventory);
  try {
    await registerSearchAttributes(connection, namespace);
    const identity = `${hostname()}:${process.pid}:${order.roles.join('+')}`;
    const base: Omit<WorkerOptions, 'taskQueue'> = {
      connection,
      namespace,
      identity,
      activities: createActivities(deps),
      maxHeartbeatThrottleInterval: '2s',
      defaultHeartbeatThrottleInterval: '2s',
      shutdownGraceTime: GRACE,
      shutdownForceTime: FORCE,
      showStackTraceSources: true,
    };
    const workers = await Promise.all(order.roles.map((role) => createWorker(role, base, order.dataSlots)));
    order.onReady(identity);
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await deps.catalog.close();
    await connection.close();
  }
}

async function createWorker(role: Role, base: Omit<WorkerOptions, 'taskQueue'>, dataSlots: number): Promise<Worker> {
  if (role === 'data') return await Worker.create({ ...base, taskQueue: DATA_QUEUE, maxConcurrentActivityTaskExecutions: dataSlots });
  return await Worker.create({ ...base, taskQueue: CONTROL_QUEUE, workflowBundle: await workflowBundle(), maxConcurrentActivityTaskExecutions: 100 });
}
