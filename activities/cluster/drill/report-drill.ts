import { readFile } from 'node:fs/promises';

import { keepArtifact } from '../../../catalog/artifacts.ts';
import { appendAudit } from '../../../catalog/audit.ts';
import { DRILL_PAGE, DRILL_REPORT } from '../../../catalog/cluster/drills.ts';
import { type KeptStep, readSteps } from '../../../catalog/cluster/steps.ts';
import { endRun, listRuns, readRun } from '../../../catalog/runs.ts';
import { applicationRoute } from '../../../config/probe-route.ts';
import type { DrillPlan } from '../../../domain/cluster/drill/plan.ts';
import { drillPage } from '../../../domain/cluster/drill/page.ts';
import { phasesOf, type TimedRun } from '../../../domain/cluster/drill/phases.ts';
import { reportProbe } from '../../../domain/cluster/drill/probe-report.ts';
import { parseRecord, type ProbeRecord } from '../../../domain/cluster/drill/record.ts';
import { type DrillReport, type DrillSummary, summaryOf } from '../../../domain/cluster/drill/report.ts';
import { seriesOf } from '../../../domain/cluster/drill/series.ts';
import { judgeDrill } from '../../../domain/cluster/drill/verdict.ts';
import type { Gate } from '../../../domain/cluster/failover/gates.ts';
import { OperationError } from '../../../domain/errors.ts';
import { cleanProbeRows, findProbeRows } from '../../../postgres/probe/found-rows.ts';
import { DEFAULT_LIMITS, type ProbeRoute } from '../../../postgres/probe/probe-route.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';
import { INJECT } from './inject-fault.ts';
import { ledgerOf } from './probe-drill.ts';

export interface ReportInput {
  readonly cluster: string;
  readonly operation: string;
  readonly name: string | null;
  readonly plan: DrillPlan;
  readonly gates: readonly Gate[];
  readonly consentBy: string;
  readonly from: string;
  readonly to: string | null;
  readonly injected: boolean;
  readonly injection: readonly string[];
  readonly notes: readonly string[];
  readonly abortedBy: string | null;
}

/** H5 and H6: the record judged on the primary of now, and all of it kept as it is for ever: a report that is there is given again. */
export const reportDrill =
  (deps: Dependencies) =>
  async (input: ReportInput): Promise<DrillSummary> =>
    await beating(() => ({ doing: 'judge the record' }), () => report(deps, input));

async function report(deps: Dependencies, input: ReportInput): Promise<DrillSummary> {
  const { operation, cluster } = input;
  const run = await readRun(deps.catalog, operation);
  if (run.state !== 'running') return run.result as unknown as DrillSummary;
  const record = await readRecord(operation);
  const route: ProbeRoute = { ...applicationRoute(deps.inventory(), cluster, deps.inventoryFolder), tls: { mode: 'prefer' }, limits: DEFAULT_LIMITS };
  const probe = reportProbe(record, await findProbeRows(route, record.header.run));
  const runs = await timedRuns(deps, input, { record, startedAt: run.startedAt });
  const faultMs = runs[0]!.steps.find(({ step, phase }) => step === INJECT && phase === 'done')?.ms ?? null;
  const redundantMs = runs[0]!.steps.findLast(({ step, phase }) => step === 'redundant' && phase === 'done')?.ms ?? null;
  const beganMs = runs[0]!.steps.find(({ step, phase }) => step === INJECT && phase === 'intent')?.ms ?? record.span.toMs;
  const measure = {
    ledger: probe.ledger, writes: probe.writes, reads: probe.reads, writable: probe.writable, clientErrors: probe.clientErrors,
    baselineErrors: [...record.errors, ...record.dials].filter(({ ms }) => ms < beganMs && ms > record.span.fromMs).length,
    injected: input.injected,
    timelineChanged: new Set(probe.served.map(({ timeline }) => timeline)).size > 1,
    redundantAfterMs: faultMs === null || redundantMs === null ? null : Math.max(0, Math.round(redundantMs - faultMs)),
    abortedBy: input.abortedBy,
  };
  const whole: DrillReport = {
    version: 1, drill: operation, cluster, name: input.name, plan: input.plan, consentBy: input.consentBy, startedAt: run.startedAt, from: input.from, to: input.to, gates: input.gates,
    verdict: judgeDrill(input.plan, measure),
    measure: { baselineErrors: measure.baselineErrors, injected: measure.injected, timelineChanged: measure.timelineChanged, redundantAfterMs: measure.redundantAfterMs, abortedBy: measure.abortedBy },
    probe, series: seriesOf(record), phases: phasesOf(runs), injection: input.injection, notes: input.notes,
  };
  const summary = summaryOf(whole);
  await keepArtifact(deps.catalog, { runId: operation, name: DRILL_REPORT, content: Buffer.from(JSON.stringify(whole)) });
  await keepArtifact(deps.catalog, { runId: operation, name: DRILL_PAGE, content: Buffer.from(drillPage(whole)) });
  await appendAudit(deps.catalog, { eventId: `${operation}/end`, actor: input.consentBy, action: 'drill.end', object: `cluster ${cluster}`, runId: operation, detail: summary, result: whole.verdict.verdict === 'failed' ? 'failed' : 'done' });
  await endRun(deps.catalog, operation, { state: 'completed', result: summary });
  await cleanProbeRows(route, record.header.run).catch(() => undefined); // a later probe would take no harm of them
  return summary;
}

async function readRecord(operation: string): Promise<ProbeRecord> {
  try {
    return parseRecord(await readFile(ledgerOf(operation), 'utf8'));
  } catch (error) {
    throw new OperationError('program_failed', 'the record of the probe cannot be read', { detail: (error as Error).message, hint: 'It is on the machine of the worker that ran the probe.', cause: error });
  }
}

/** The drill and the runs that answered it, on the probe's clock; the drill comes first. */
async function timedRuns({ catalog }: Dependencies, { cluster, operation }: ReportInput, { record, startedAt }: { record: ProbeRecord; startedAt: string }): Promise<TimedRun[]> {
  const before = Date.now();
  const { now } = await catalog.sessions.use((session) => session.row<{ now: number }>(`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`));
  const aheadMs = now - (before + Date.now()) / 2;
  const origin = Date.parse(record.header.startedAt);
  const ms = (at: string): number => Date.parse(at) - aheadMs - origin;
  const timed = (steps: readonly KeptStep[]): TimedRun['steps'] => steps.map(({ step, phase, at }) => ({ step, phase, ms: ms(at) }));
  const others = (await listRuns(catalog, { subject: cluster, limit: 20 })).filter((run) => run.runId !== operation && run.startedAt >= startedAt);
  const drill: TimedRun = { source: 'drill', startedMs: ms(startedAt), endedMs: null, steps: timed(await readSteps(catalog, operation)) };
  return [drill, ...(await Promise.all(others.map(async (run) => ({ source: run.kind, startedMs: ms(run.startedAt), endedMs: run.endedAt === null ? null : ms(run.endedAt), steps: timed(await readSteps(catalog, run.runId)) }))))];
}
