import { recordGate } from '../../catalog/gates.ts';
import { entryNamed } from '../../config/entry-named.ts';
import { preflightRequest } from '../../config/preflight-request.ts';
import { catalogueRow, isErrorCode, OperationError } from '../../domain/errors.ts';
import type { PreflightFacts } from '../../domain/preflight/facts.ts';
import { judge, type PreflightReport, type RuleReport } from '../../domain/preflight/report.ts';
import { gatherPreflightFacts } from '../../postgres/preflight/gather.ts';
import { gatherPoolerFacts } from '../../providers/pgbouncer-facts.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';

export type PreflightCounts = Pick<PreflightReport, 'blocking' | 'warnings' | 'couldNotLook'>;

/** Asks both servers what would go wrong, keeps the whole report as evidence, and refuses to go on past a blocking problem. */
export const checkPreflight =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<PreflightCounts> =>
    await beating(() => ({ doing: 'asking both servers' }), async () => {
      const run = await openRun(deps, runId);
      const facts = await gather(deps, run);
      const report = judge(facts);
      const { blocking, warnings, couldNotLook } = report;
      await recordGate(deps.catalog, { runId, gate: 'preflight', attempt: 1, state: report.canProceed ? 'passed' : 'failed', evidence: report });
      if (!report.canProceed) throwUnreached(facts);
      if (!report.canProceed) throw refusal(run, report.rules.filter(({ state, severity }) => state === 'problem' && severity === 'blocking'));
      return { blocking, warnings, couldNotLook };
    });

async function gather(deps: Dependencies, run: RunContext) {
  const inventory = deps.inventory();
  const { plan, source, target } = run;
  const wanted = { ...entryNamed('migration', inventory.migrations, plan.migration), mode: plan.mode };
  const clientMajor = await deps.clients(0).then(
    ({ major }) => major,
    () => undefined,
  );
  return await gatherPreflightFacts({
    source,
    target,
    request: preflightRequest(inventory, wanted, { lanes: plan.lanes, clientMajor }),
    scope: plan.scope,
    pooler: await gatherPoolerFacts(plan.cutover.route, { source, secret: deps.secret }),
    seenFromTarget: inventory.servers[plan.source]?.reachedFromTarget,
  });
}

/** What kept us from asking at all, where waiting does not help: everything else in the report follows from it. */
function throwUnreached({ source, target }: PreflightFacts): void {
  for (const { server } of [source, target]) {
    if ('ok' in server || !isErrorCode(server.failed.code)) continue;
    const { code, message, ...fields } = server.failed;
    if (catalogueRow(code).category === 'precondition' && catalogueRow(code).retry === 'never') throw new OperationError(code, message, fields);
  }
}

/** One problem keeps its own words; several are listed. */
function refusal({ plan }: RunContext, problems: readonly RuleReport[]): OperationError {
  return new OperationError('preflight_failed', `migration ${plan.migration} has ${problems.length === 1 ? 'a blocking problem' : `${problems.length} blocking problems`}`, {
    detail: problems.map(({ id, evidence }) => `${id}: ${evidence}`).join('\n').slice(0, 4000),
    hint: problems.length === 1 ? problems[0]?.remedy : `\`pgconvoy check ${plan.migration}\` shows each with its remedy.`,
    context: { rules: problems.map(({ id }) => id).join(',') },
  });
}
