import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

import type { BackupRunProgress } from '../domain/backup/run-progress.ts';
import type { FailoverProgress } from '../domain/cluster/failover/progress.ts';
import type { WatchState } from '../domain/cluster/failover/watch-state.ts';
import type { ProbeStatus } from '../domain/cluster/drill/probe-counter.ts';
import type { NodeRunProgress } from '../domain/cluster/run/node-run.ts';
import type { SwitchoverProgress } from '../domain/cluster/switchover/progress.ts';
import type { CutoverStepReport } from '../domain/cutover/window.ts';
import type { MigrationProgress } from '../domain/migration/progress.ts';

/** Workflows and short steps. */
export const CONTROL_QUEUE = 'pgconvoy';
/** Copying, index builds, verification: as many workers as wanted. */
export const DATA_QUEUE = 'pgconvoy-data';

/** The id of a migration's workflow: Temporal refuses a second one while one runs. */
export const migrationWorkflowId = (migration: string): string => `migrate/${migration}`;

/** Of a run of a policy; what of it a database is, is a workflow of its own. */
export const backupWorkflowId = (policy: string): string => `backup/${policy}`;
export const databaseWorkflowId = (policy: string, database: string, runId: string): string => `backup/${policy}/${database}/${runId}`;
export const proofWorkflowId = (backupId: string): string => `prove/${backupId}`;
export const restoreWorkflowId = (server: string, database: string): string => `restore/${server}/${database}`;
export const expiryWorkflowId = (policy: string): string => `expire/${policy}`;

/** The stable queue of the agent on a database host. */
export const nodeQueue = (node: string): string => `pgconvoy-node-${node}`;

export const watchWorkflowId = (cluster: string): string => `cluster/${cluster}/watch`;
export const switchoverWorkflowId = (cluster: string): string => `cluster/${cluster}/switchover`;
export const failoverWorkflowId = (cluster: string): string => `cluster/${cluster}/failover`;
/** Of what a failover leaves to be done. */
export const redundancyWorkflowId = (cluster: string, operation: string): string => `cluster/${cluster}/redundancy/${operation}`;
export const drillWorkflowId = (cluster: string): string => `cluster/${cluster}/drill`;
/** Of an operation on one node: init, clone, rejoin, follow, register, unregister. */
export const nodeWorkflowId = (cluster: string, node: string): string => `cluster/${cluster}/node/${node}`;

/** What an order answers: proof that it was taken, and where the run stands. */
export interface Receipt {
  readonly accepted: true;
  readonly order: string;
  readonly runId: string;
  readonly state: string;
}

/** Who gives an order. It is a claim: Temporal does not know who clicked. */
export interface Order {
  readonly by: string;
  readonly note?: string;
}

export const approveUpdate = defineUpdate<Receipt, [Order]>('approve');
export const pauseUpdate = defineUpdate<Receipt, [Order]>('pause');
export const resumeUpdate = defineUpdate<Receipt, [Order]>('resume');
export const abortUpdate = defineUpdate<Receipt, [Order]>('abort');
export const commitUpdate = defineUpdate<Receipt, [Order]>('commit');

/** To a failover that waits. */
export const consentUpdate = defineUpdate<Receipt, [Order & { readonly cluster: string }]>('consent');
export const acceptLossUpdate = defineUpdate<Receipt, [Order]>('acceptLoss');
export const failoverProgressQuery = defineQuery<FailoverProgress>('progress');

/** To the watcher that has begun a failover: there is a new primary. */
export const failoverPromotedSignal = defineSignal('failoverPromoted');

/** To a watcher: a pause has an owner and an end. */
export const pauseWatchUpdate = defineUpdate<Receipt, [Order & { readonly forMs: number }]>('pause');
export const resumeWatchUpdate = defineUpdate<Receipt, [Order]>('resume');
export const watchStateQuery = defineQuery<WatchState>('state');
export const switchoverProgressQuery = defineQuery<SwitchoverProgress>('progress');

export const progressQuery = defineQuery<MigrationProgress>('progress');

/** Of an operation on one node. */
export const nodeProgressQuery = defineQuery<NodeRunProgress>('progress');

export const backupProgressQuery = defineQuery<BackupRunProgress>('progress');

/** From the step that holds the snapshot: it is exported, the copy may begin. */
export const snapshotHeldSignal = defineSignal<[{ readonly generation: number; readonly lsn: string }]>('snapshotHeld');
/** From the steps that watch replication. */
export const lagSignal = defineSignal<[{ readonly bytes: number; readonly bytesMax: number; readonly seconds: number | null }]>('lag');
/** From the cutover window, as it goes. */
export const cutoverStepSignal = defineSignal<[CutoverStepReport]>('cutoverStep');

/** From the probe of a drill, when something has changed. */
export const probeStatusSignal = defineSignal<[ProbeStatus]>('probeStatus');

export const KIND_ATTRIBUTE = defineSearchAttributeKey('PgconvoyKind', 'KEYWORD');
export const SUBJECT_ATTRIBUTE = defineSearchAttributeKey('PgconvoySubject', 'KEYWORD');
export const PHASE_ATTRIBUTE = defineSearchAttributeKey('PgconvoyPhase', 'KEYWORD');
export const STATE_ATTRIBUTE = defineSearchAttributeKey('PgconvoyState', 'KEYWORD');
export const SEARCH_ATTRIBUTES = [KIND_ATTRIBUTE, SUBJECT_ATTRIBUTE, PHASE_ATTRIBUTE, STATE_ATTRIBUTE] as const;
