import type { PreflightRequest } from '../../../domain/preflight/facts.ts';
import { judge, type PreflightReport } from '../../../domain/preflight/report.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { gatherPreflightFacts, type PreflightQuestions } from '../../../postgres/preflight/gather.ts';

interface Wish extends Partial<Pick<PreflightQuestions, 'scope' | 'slotWaitMs' | 'seenFromTarget'>> {
  readonly source: ServerAddress;
  readonly target: ServerAddress;
  readonly database: string;
  readonly targetDatabase: string;
  readonly request?: Partial<PreflightRequest>;
}

/** What `pgconvoy check` would report on two test servers. */
export async function askBoth({ source, target, database, targetDatabase, request, ...rest }: Wish): Promise<PreflightReport> {
  const facts = await gatherPreflightFacts({
    source,
    target,
    scope: { excludeSchemas: [], excludeTables: [] },
    request: {
      mode: 'online',
      source: { server: source.name, database, maintenanceDatabase: source.maintenanceDatabase, provider: 'self-managed' },
      target: { server: target.name, database: targetDatabase, provider: 'self-managed' },
      noIdentity: {},
      owners: true,
      privileges: true,
      roles: {},
      lanes: 4,
      cutoverBudgetMs: 10_000,
      clientMajor: 18,
      ...request,
    },
    ...rest,
  });
  return judge(facts);
}

/** `id: evidence` of what was found, for messages that explain themselves. */
export const problemsOf = (report: PreflightReport): Record<string, string> =>
  Object.fromEntries(report.rules.filter(({ state }) => state === 'problem').map(({ id, evidence }) => [id, evidence]));
