import type { ErrorReport } from '../domain/errors.ts';
import type { Catalog } from './open-catalog.ts';

const ABANDONED: ErrorReport = { code: 'aborted', message: 'the run of this backup ended without finishing it', hint: 'Look at the run in Temporal; what it had put into the store is removed by retention.' };

/**
 * Ends what nobody works on any more: backups of a policy whose run has ended, or that a later run of the same policy left
 * behind (only one runs at a time). A backup that stays unfinished would be left alone by retention for ever. Gives their ids.
 */
export async function failAbandonedBackups(catalog: Catalog, policy: string): Promise<string[]> {
  const sql = `
    UPDATE pgconvoy.backup AS b
    SET state = 'failed', error = $2
    WHERE policy = $1 AND state IN ('created', 'dumped')
      AND (
        EXISTS (SELECT FROM pgconvoy.run AS r WHERE r.run_id = b.run_id AND r.state <> 'running')
        OR EXISTS (
          SELECT FROM pgconvoy.backup AS later
          WHERE later.policy = b.policy AND later.server = b.server AND later.database = b.database
            AND later.run_id <> b.run_id AND later.created_at > b.created_at
        )
      )
    RETURNING backup_id AS "backupId"`;
  const rows = await catalog.sessions.use((session) => session.rows<{ backupId: string }>(sql, [policy, JSON.stringify(ABANDONED)]));
  return rows.map(({ backupId }) => backupId);
}
