import type { Client } from '@temporalio/client';

import { CONTROL_QUEUE, DATA_QUEUE } from '../workflows/messages.ts';

export interface Poller {
  /** `host:pid:roles`, as workers call themselves. */
  readonly identity: string;
  /** ISO 8601: when it last asked for work. It asks at least once a minute. */
  readonly lastSeen: string;
}

export interface QueueReport {
  readonly role: 'control' | 'data';
  readonly queue: string;
  readonly pollers: readonly Poller[];
}

/** Of `TaskQueueType` in Temporal's API: the types that have pollers. */
const TYPES = [1, 2] as const;
/** Temporal remembers pollers for five minutes; one that did not ask again within two is gone. */
const GONE_AFTER_MS = 120_000;

/** Who takes work from each of our queues. */
export async function describeQueues(client: Client): Promise<QueueReport[]> {
  const queues = [{ role: 'control', queue: CONTROL_QUEUE }, { role: 'data', queue: DATA_QUEUE }] as const;
  return await Promise.all(queues.map(async (row) => ({ ...row, pollers: await pollersOf(client, row.queue) })));
}

async function pollersOf(client: Client, queue: string): Promise<Poller[]> {
  const { namespace } = client.options;
  const answers = await Promise.all(TYPES.map((taskQueueType) => client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: queue }, taskQueueType })));
  const seen = new Map<string, number>();
  for (const { identity, lastAccessTime } of answers.flatMap(({ pollers }) => pollers ?? [])) {
    const at = Number(lastAccessTime?.seconds ?? 0) * 1000;
    if (identity && Date.now() - at < GONE_AFTER_MS) seen.set(identity, Math.max(at, seen.get(identity) ?? 0));
  }
  return [...seen].map(([identity, at]) => ({ identity, lastSeen: new Date(at).toISOString() }));
}

/** Whether the process of this number on this machine takes work from both queues. */
export const takesWork = (queues: readonly QueueReport[], host: string, pid: number): boolean =>
  queues.every(({ pollers }) => pollers.some(({ identity }) => identity.startsWith(`${host}:${pid}:`)));
