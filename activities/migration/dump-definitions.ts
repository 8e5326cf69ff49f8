import { cancellationSignal } from '@temporalio/activity';

import { keepArtifact } from '../../catalog/artifacts.ts';
import { dumpSchema } from '../../programs/pg-archive.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';

/** The name under which the catalog keeps the dump of a run. */
export const ARCHIVE = 'schema.dump';

/** Dumps the definitions of the source into the catalog; again replaces them. */
export const dumpDefinitions =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<{ archiveBytes: number }> => {
    const run = await openRun(deps, runId);
    return await beating(() => ({ doing: 'dumping the definitions' }), async () => {
      const { scope, database } = run.plan;
      const content = await dumpSchema({
        server: run.source,
        database,
        clients: (await chooseClients(deps, run)).clients,
        schemas: scope.schemas,
        excludeSchemas: scope.excludeSchemas,
        excludeTables: scope.excludeTables,
        owners: true,
        privileges: true,
        format: 'c',
        signal: cancellationSignal(),
      });
      await keepArtifact(deps.catalog, { runId, name: ARCHIVE, content });
      return { archiveBytes: content.length };
    });
  };

/** Programs that know both servers. */
export async function chooseClients(deps: Dependencies, run: RunContext): Promise<{ clients: PostgresInstallation; targetMajor: number }> {
  await using source = await run.openSourceServer('version');
  await using target = await run.openTargetServer('version');
  return { clients: await deps.clients(Math.max(source.major, target.major)), targetMajor: target.major };
}
