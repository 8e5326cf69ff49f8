import type { DrillReport, DrillSummary } from '../../domain/cluster/drill/report.ts';
import { OperationError } from '../../domain/errors.ts';
import { readArtifact } from '../artifacts.ts';
import type { Catalog } from '../open-catalog.ts';
import { listRuns, readRun, type Run } from '../runs.ts';

export const DRILL_REPORT = 'drill-report.json';
export const DRILL_PAGE = 'drill-report.html';

export interface HeldDrill {
  readonly drill: string;
  readonly cluster: string;
  readonly startedAt: string;
  readonly state: Run['state'];
  /** Null while it runs, and of one that failed before it could be judged. */
  readonly summary: DrillSummary | null;
  readonly problem: string | null;
}

/** Newest first. */
export async function listDrills(catalog: Catalog, filter: { readonly cluster: string; readonly limit: number }): Promise<HeldDrill[]> {
  const runs = await listRuns(catalog, { kind: 'drill', subject: filter.cluster, limit: filter.limit });
  return runs.map(({ runId, subject, startedAt, state, result, error }) => ({ drill: runId, cluster: subject, startedAt, state, summary: result as DrillSummary | null, problem: error?.message ?? null }));
}

/** The report of a drill and its page. Throws `run_unknown`, `not_now` for one that has no report. */
export async function readDrill(catalog: Catalog, drill: string): Promise<{ readonly report: DrillReport; readonly page: string }> {
  const run = await readRun(catalog, drill);
  if (run.kind !== 'drill') throw new OperationError('run_unknown', `run "${drill}" is no drill`);
  if (run.state !== 'completed') throw new OperationError('not_now', `drill "${drill}" has no report`, { detail: run.error?.message ?? 'It has not ended yet.' });
  const [report, page] = await Promise.all([DRILL_REPORT, DRILL_PAGE].map((name) => readArtifact(catalog, drill, name)));
  return { report: JSON.parse(report!.toString('utf8')) as DrillReport, page: page!.toString('utf8') };
}
