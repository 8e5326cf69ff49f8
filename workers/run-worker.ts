import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

import type { Dependencies } from '../activities/dependencies.ts';
import { createActivities } from '../activities/index.ts';
import type { NodeAgent } from '../agent/node-agent.ts';
import { temporalConnection } from '../config/temporal-connection.ts';
import { OperationError } from '../domain/errors.ts';
import { CONTROL_QUEUE, DATA_QUEUE, nodeQueue } from '../workflows/messages.ts';
import { buildDependencies, dependenciesWith } from './dependencies.ts';
import { startNodeProcess } from './node-process.ts';
import { isNodeRole, nodeOf, type Role } from './roles.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface WorkerOrder {
  readonly roles: readonly Role[];
  readonly inventory: string | undefined;
  /** Parcels and index builds at once on this worker. */
  readonly dataSlots: number;
  readonly log: Logger;
  /** Called when every queue is being polled. */
  readonly onReady: (identity: string) => void;
}

/** How long steps at work may take to reach their next resting place after a SIGTERM, and then to end. */
const GRACE = '5s';
const FORCE = '15s';

/** The core's errors are printed structures; the reason is the text inside. */
const reasonOf = ({ message }: Error): string => /message: "([^"]+)"/.exec(message)?.[1] ?? message;

/** Runs workers of the given roles in this process until it is told to stop. With the role of a node among them nothing else ends it. */
export async function runWorker(order: WorkerOrder): Promise<void> {
  if (order.roles.some(isNodeRole)) return await runBesideAgents(order);
  const deps = await buildDependencies(order.inventory);
  try {
    await serve(order, deps, new Map());
  } finally {
    await deps.catalog.close();
  }
}

const AGAIN_MS = { first: 500, most: 10_000 };

/** An agent keeps its lease whether or not Temporal is there, so the connection to it is made again and again. */
async function runBesideAgents(order: WorkerOrder): Promise<void> {
  const stop = new AbortController();
  // Not `once`: while a program runs, execa ends a process in which nobody listens any more.
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  await using node = await startNodeProcess({ ...order, signal: stop.signal });
  const deps = dependenciesWith(node.catalog, order.inventory);
  for (let pause = AGAIN_MS.first; !stop.signal.aborted; pause = Math.min(2 * pause, AGAIN_MS.most)) {
    try {
      await serve({ ...order, onReady: (identity) => {
        pause = AGAIN_MS.first;
        order.onReady(identity);
      } }, deps, node.agents);
    } catch (error) {
      order.log.warn({ reason: (error as Error).message }, 'takes no orders: Temporal does not answer');
    }
    await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

async function serve(order: WorkerOrder, deps: Dependencies, agents: ReadonlyMap<Role, NodeAgent>): Promise<void> {
  const { connectionOptions, namespace } = temporalConnection();
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    throw new OperationError('temporal_unreachable', `could not reach the Temporal server at ${connectionOptions.address ?? '127.0.0.1:7233'}`, { detail: reasonOf(error as Error), cause: error });
  });
  try {
    await registerSearchAttributes(connection, namespace);
    const identity = `${hostname()}:${process.pid}:${order.roles.join('+')}`;
    const base: Omit<WorkerOptions, 'taskQueue'> = {
      connection,
      namespace,
      identity,
      maxHeartbeatThrottleInterval: '2s',
      defaultHeartbeatThrottleInterval: '2s',
      shutdownGraceTime: GRACE,
      shutdownForceTime: FORCE,
      showStackTraceSources: true,
    };
    const workers = await Promise.all(order.roles.map((role) => createWorker(role, { ...base, activities: createActivities(withAgent(deps, agents.get(role))) }, order.dataSlots)));
    order.onReady(identity);
    await runAll(workers);
  } finally {
    await connection.close();
  }
}

const withAgent = (deps: Dependencies, agent: NodeAgent | undefined): Dependencies => (agent === undefined ? deps : { ...deps, agent });

/** When one of them fails, the others are shut down before the connection goes. */
async function runAll(workers: readonly Worker[]): Promise<void> {
  const runs = workers.map(async (worker) => await worker.run());
  await Promise.all(runs).catch(async (error: unknown) => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.allSettled(runs);
    throw error;
  });
}

/** Orders to a node are few, and come one at a time; looks come beside them. */
const NODE_SLOTS = 20;

async function createWorker(role: Role, base: Omit<WorkerOptions, 'taskQueue'>, dataSlots: number): Promise<Worker> {
  if (isNodeRole(role)) return await Worker.create({ ...base, taskQueue: nodeQueue(nodeOf(role)), maxConcurrentActivityTaskExecutions: NODE_SLOTS });
  if (role === 'data') return await Worker.create({ ...base, taskQueue: DATA_QUEUE, maxConcurrentActivityTaskExecutions: dataSlots });
  return await Worker.create({ ...base, taskQueue: CONTROL_QUEUE, workflowBundle: await workflowBundle(), maxConcurrentActivityTaskExecutions: 100 });
}
