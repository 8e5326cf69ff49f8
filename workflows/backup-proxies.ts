import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';

import { DATA_QUEUE } from './messages.ts';

/** The steps of other rooms, until they land. */
export interface RestoredDatabase {
  readonly backupId: string;
  readonly rows: number;
  readonly bytes: number;
  readonly tables: number;
}
interface PendingSteps {
  beginBackup(order: { runId: string; policy: string; database: string }): Promise<{ backupId: string; prefix: string }>;
  dumpDatabase(order: { backupId: string }): Promise<{ backupId: string; storedBytes: number; rawBytes: number; tables: number; rows: number; seconds: number }>;
  proveBackup(order: { backupId: string; runId: string }): Promise<{ verdict: 'proven' | 'rejected'; reasons: string[]; seconds: Record<string, number> }>;
  restoreDatabase(order: { backupId: string; runId: string; server: string; database: string; schemas?: string[]; tables?: string[] }): Promise<RestoredDatabase>;
}

const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '20s', maximumAttempts: 30 } as const;
const data: ActivityOptions = { cancellationType: 'WAIT_CANCELLATION_COMPLETED', taskQueue: DATA_QUEUE, startToCloseTimeout: '30d', heartbeatTimeout: '20s', retry: patient };

export const onBackupWorkers = proxyActivities<PendingSteps>(data);
