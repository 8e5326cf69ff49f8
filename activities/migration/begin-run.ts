import { activityInfo } from '@temporalio/activity';

import { dropArtifacts } from '../../catalog/artifacts.ts';
import { appendAudit } from '../../catalog/audit.ts';
import { hashOfJson } from '../../catalog/plan-hash.ts';
import { endRun, recordPlan, recordRun, type RunEnd } from '../../catalog/runs.ts';
import { entryNamed } from '../../config/entry-named.ts';
import type { MigrationEntry, RouteEntry } from '../../config/inventory-schema.ts';
import { toJson } from '../../domain/canonical-json.ts';
import { parseDuration } from '../../domain/durations.ts';
import { OperationError } from '../../domain/errors.ts';
import type { MigrationPlan, Route } from '../../domain/migration/plan.ts';
import { parseSize } from '../../domain/sizes.ts';
import type { Dependencies } from '../dependencies.ts';

export interface BeginRunInput {
  readonly runId: string;
  readonly migration: string;
  readonly requestedBy: string;
  /** What the start order says otherwise than the inventory. */
  readonly overrides: Partial<Pick<MigrationPlan, 'mode' | 'approval' | 'commit' | 'verify'>>;
}

/** What the workflow needs of the plan; the whole is in the catalog. */
export interface BegunRun {
  readonly plan: MigrationPlan;
  readonly planHash: string;
}

/** Decides the plan from the inventory as it is now, and keeps it under its hash. */
export const beginRun =
  (deps: Dependencies) =>
  async (input: BeginRunInput): Promise<BegunRun> => {
    const inventory = deps.inventory();
    const entry = entryNamed('migration', inventory.migrations, input.migration);
    // Both resolve their secrets here, so that a missing one ends the run before anything is touched.
    deps.server(entry.source);
    deps.server(entry.target);
    const plan: MigrationPlan = { ...planOf(input.migration, entry, deps.cores), ...input.overrides };
    const planHash = hashOfJson(toJson(plan));
    const { workflowExecution } = activityInfo();
    await recordRun(deps.catalog, {
      runId: input.runId,
      kind: 'migration',
      subject: input.migration,
      workflowId: workflowExecution?.workflowId ?? '',
      actor: input.requestedBy,
    });
    await recordPlan(deps.catalog, input.runId, { value: plan, hash: planHash });
    await appendAudit(deps.catalog, { eventId: `${input.runId}/start`, actor: input.requestedBy, action: 'migration.start', object: `migration ${input.migration}`, runId: input.runId, detail: { planHash }, result: 'done' });
    return { plan, planHash };
  };

function planOf(migration: string, entry: MigrationEntry, cores: number): MigrationPlan {
  return {
    migration,
    source: entry.source,
    target: entry.target,
    database: entry.database,
    targetDatabase: entry.targetDatabase ?? entry.database,
    mode: entry.mode,
    scope: entry.scope,
    owners: entry.owners,
    privileges: entry.privileges,
    roles: entry.roles,
    noIdentity: entry.noIdentity,
    lanes: entry.copy.lanes ?? Math.max(2, cores),
    splitAboveBytes: known(parseSize(entry.copy.splitAbove)),
    maintenanceWorkMem: entry.copy.maintenanceWorkMem ?? '512MB',
    verify: entry.verify,
    approval: entry.approval,
    commit: entry.commit,
    cutover: {
      budgetMs: known(parseDuration(entry.cutover.budget)),
      attempts: entry.cutover.attempts,
      maxLagBytes: known(parseSize(entry.cutover.maxLag)),
      route: routeOf(entry.cutover.route),
    },
  };
}

const routeOf = (route: RouteEntry): Route =>
  route.kind === 'command' ? { kind: 'command', command: route.command, timeoutMs: known(parseDuration(route.timeout)) } : route;

/** The schema has let only readable amounts through. */
function known(value: number | undefined): number {
  if (value === undefined) throw new OperationError('bug', 'an amount that the schema accepted cannot be read');
  return value;
}

/** Writes down how the run ended, in the catalog and in the audit. */
export const recordEnd =
  (deps: Dependencies) =>
  async (input: { runId: string; migration: string; by: string; end: RunEnd }): Promise<void> => {
    await endRun(deps.catalog, input.runId, input.end);
    await dropArtifacts(deps.catalog, input.runId);
    await appendAudit(deps.catalog, {
      eventId: `${input.runId}/end`,
      actor: input.by,
      action: `migration.${input.end.state}`,
      object: `migration ${input.migration}`,
      runId: input.runId,
      detail: { result: input.end.result ?? null, error: input.end.error ?? null },
      result: input.end.state === 'failed' ? 'failed' : 'done',
    });
  };

/** Writes an operator's order into the audit. */
export const recordOrder =
  (deps: Dependencies) =>
  async (input: { runId: string; migration: string; order: string; by: string; note?: string }): Promise<void> => {
    const { activityId } = activityInfo();
    await appendAudit(deps.catalog, {
      eventId: `${input.runId}/order-${activityId}`,
      actor: input.by,
      action: `migration.${input.order}`,
      object: `migration ${input.migration}`,
      runId: input.runId,
      detail: input.note === undefined ? {} : { note: input.note },
      result: 'done',
    });
  };
