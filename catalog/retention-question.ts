import type { RetentionPolicy, RetentionQuestion } from '../domain/backup/retention.ts';
import { listBackups } from './backups.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

/** All that the decision about a policy's backups needs to know, by the catalog's clock. */
export async function readRetentionQuestion(catalog: Catalog, name: string, policy: RetentionPolicy): Promise<RetentionQuestion> {
  const [backups, now, failedRun] = [await listBackups(catalog, { policy: name }), await readNow(catalog), await readFailedRun(catalog, name)];
  return { policy, backups, now, failedRun };
}

/** ISO 8601, UTC. */
export const readNow = (catalog: Catalog): Promise<string> => catalog.sessions.use(async (session) => (await session.row<{ now: string }>(`SELECT ${isoText('clock_timestamp()')} AS now`)).now);

/** The newest run of a policy that has ended, if it did not end well. */
async function readFailedRun(catalog: Catalog, policy: string): Promise<{ runId: string; at: string } | undefined> {
  const sql = `
    SELECT run_id AS "runId", ${isoText('started_at')} AS at, state
    FROM pgconvoy.run
    WHERE kind = 'backup' AND subject = $1 AND state <> 'running'
    ORDER BY started_at DESC, run_id
    LIMIT 1`;
  const run = await catalog.sessions.use((session) => session.maybeRow<{ runId: string; at: string; state: string }>(sql, [policy]));
  return run === undefined || run.state === 'completed' ? undefined : { runId: run.runId, at: run.at };
}
