import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Connection } from '@temporalio/client';

import { temporalConnection } from '../../config/temporal-connection.ts';
import { startDetached } from '../../programs/detached-process.ts';
import { CONTROL_QUEUE } from '../../workflows/messages.ts';
import { partFolder, processFile } from './demo-folder.ts';

/** Starts a worker as `pgconvoy worker` does, and waits until it takes work from Temporal. */
export async function startDemoWorker(demo: string): Promise<void> {
  const folder = await partFolder(demo, 'worker');
  const { connectionOptions, namespace } = temporalConnection();
  const connection = await Connection.connect(connectionOptions);
  try {
    await startDetached({
      name: 'worker',
      program: process.execPath,
      args: [fileURLToPath(new URL('../../workers/main.ts', import.meta.url))],
      logFile: join(folder, 'worker.log'),
      pidFile: processFile(folder),
      ready: () => hasPollers(connection, namespace),
    });
  } finally {
    await connection.close();
  }
}

async function hasPollers(connection: Connection, namespace: string): Promise<boolean> {
  const { pollers } = await connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: CONTROL_QUEUE } });
  return (pollers ?? []).length > 0;
}
