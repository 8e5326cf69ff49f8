import { activityInfo } from '@temporalio/activity';

import { appendAudit } from '../../../catalog/audit.ts';
import { highestEpoch } from '../../../catalog/cluster/epochs.ts';
import { keepStep } from '../../../catalog/cluster/steps.ts';
import { endRun, recordRun } from '../../../catalog/runs.ts';
import { epochOf, type Epoch } from '../../../domain/cluster/epoch.ts';
import type { DrillPlan } from '../../../domain/cluster/drill/plan.ts';
import type { RunPhase } from '../../../domain/cluster/run/machine.ts';
import type { ErrorReport } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';

export interface BeginDrillInput {
  readonly cluster: string;
  readonly operation: string;
  readonly consentBy: string;
  readonly plan: DrillPlan;
}

/** Writes down that a drill begins. */
export const beginDrill =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation, consentBy, plan }: BeginDrillInput): Promise<void> => {
    await recordRun(catalog, { runId: operation, kind: 'drill', subject: cluster, workflowId: activityInfo().workflowExecution?.workflowId ?? '', actor: consentBy });
    await appendAudit(catalog, { eventId: `${operation}/start`, actor: consentBy, action: 'drill.start', object: `cluster ${cluster}`, runId: operation, detail: plan, result: 'done' });
  };

/** The epoch that orders carry which promote nothing: the newest there is. */
export const newestEpoch =
  ({ catalog }: Dependencies) =>
  async ({ cluster }: { readonly cluster: string }): Promise<Epoch> =>
    (await highestEpoch(catalog, cluster)) ?? epochOf(1);

/** A step of the drill that no other activity writes down. */
export const noteDrill =
  ({ catalog }: Dependencies) =>
  async ({ operation, step, phase, facts }: { readonly operation: string; readonly step: string; readonly phase: RunPhase; readonly facts?: unknown }): Promise<void> =>
    await keepStep(catalog, operation, { step, phase, ...(facts === undefined ? {} : { facts }) });

/** A drill that could not come to a report. */
export const failDrill =
  ({ catalog }: Dependencies) =>
  async ({ cluster, operation, consentBy, error }: { readonly cluster: string; readonly operation: string; readonly consentBy: string; readonly error: ErrorReport }): Promise<void> => {
    await endRun(catalog, operation, { state: 'failed', error });
    await appendAudit(catalog, { eventId: `${operation}/end`, actor: consentBy, action: 'drill.end', object: `cluster ${cluster}`, runId: operation, detail: { error }, result: 'failed' });
  };
