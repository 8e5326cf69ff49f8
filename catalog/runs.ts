import { toJson, type Json } from '../domain/canonical-json.ts';
import { OperationError, type ErrorReport } from '../domain/errors.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

export type RunState = 'running' | 'completed' | 'failed' | 'aborted';

export interface NewRun {
  readonly runId: string;
  /** What is done, for example `migration`. */
  readonly kind: string;
  /** The inventory name of what it is done to. */
  readonly subject: string;
  readonly workflowId: string;
  readonly actor: string;
}

export interface Run extends NewRun {
  readonly state: RunState;
  /** The last gate that was passed. */
  readonly gate: string | null;
  readonly plan: Json;
  readonly planHash: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly result: Json;
  readonly error: ErrorReport | null;
}

const COLUMNS = `run_id AS "runId", kind, subject, workflow_id AS "workflowId", actor, state, gate, plan, plan_hash AS "planHash",
  ${isoText('started_at')} AS "startedAt", ${isoText('ended_at')} AS "endedAt", result, error`;

/** Writes down that a run has begun. Again with the same id changes nothing. */
export async function recordRun(catalog: Catalog, run: NewRun): Promise<void> {
  const sql = `
    INSERT INTO pgconvoy.run (run_id, kind, subject, workflow_id, actor)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (run_id) DO NOTHING`;
  await catalog.sessions.use((session) => session.execute(sql, [run.runId, run.kind, run.subject, run.workflowId, run.actor]));
}

/** Keeps the plan a run follows and the hash that approvals refer to. */
export async function recordPlan(catalog: Catalog, runId: string, plan: { readonly value: unknown; readonly hash: string }): Promise<void> {
  await change(catalog, runId, `UPDATE pgconvoy.run SET plan = $2, plan_hash = $3 WHERE run_id = $1`, [JSON.stringify(toJson(plan.value)), plan.hash]);
}

export interface RunEnd {
  readonly state: Exclude<RunState, 'running'>;
  readonly result?: unknown;
  readonly error?: ErrorReport;
}

/** Writes down how a run ended. Again keeps the first time of ending. */
export async function endRun(catalog: Catalog, runId: string, end: RunEnd): Promise<void> {
  const sql = `
    UPDATE pgconvoy.run
    SET state = $2, result = $3, error = $4, ended_at = coalesce(ended_at, clock_timestamp())
    WHERE run_id = $1`;
  await change(catalog, runId, sql, [end.state, jsonbOf(end.result), jsonbOf(end.error)]);
}

/** One run. Throws `run_unknown`. */
export async function readRun(catalog: Catalog, runId: string): Promise<Run> {
  const run = await catalog.sessions.use((session) => session.maybeRow<Run>(`SELECT ${COLUMNS} FROM pgconvoy.run WHERE run_id = $1`, [runId]));
  if (run === undefined) throw unknownRun(runId);
  return run;
}

/** What a run does; null for one that was never recorded. */
export const runKind = (catalog: Catalog, runId: string): Promise<string | null> =>
  catalog.sessions.use(async (session) => (await session.maybeRow<{ kind: string }>('SELECT kind FROM pgconvoy.run WHERE run_id = $1', [runId]))?.kind ?? null);

export interface RunFilter {
  readonly kind?: string;
  readonly subject?: string;
  readonly limit: number;
}

/** The latest runs, newest first. */
export function listRuns(catalog: Catalog, filter: RunFilter): Promise<Run[]> {
  const sql = `
    SELECT ${COLUMNS}
    FROM pgconvoy.run
    WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR subject = $2)
    ORDER BY started_at DESC, run_id
    LIMIT $3`;
  return catalog.sessions.use((session) => session.rows<Run>(sql, [filter.kind, filter.subject, filter.limit]));
}

async function change(catalog: Catalog, runId: string, sql: string, values: readonly unknown[]): Promise<void> {
  const touched = await catalog.sessions.use((session) => session.execute(sql, [runId, ...values]));
  if (touched === 0) throw unknownRun(runId);
}

const jsonbOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(toJson(value)));

const unknownRun = (runId: string): OperationError => new OperationError('run_unknown', `run "${runId}" is not in the catalog`);
