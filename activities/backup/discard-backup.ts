import { listBackups } from '../../catalog/backups.ts';
import { isUnfinished } from '../../domain/backup/states.ts';
import type { ErrorReport } from '../../domain/errors.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import { discard } from './reap-backups.ts';

/** Ends the unfinished backup that a run has of a database, if there is one: its row says why, and the store keeps nothing of it. */
export const discardBackup =
  (deps: Dependencies) =>
  async ({ runId, database, error }: { runId: string; database: string; error: ErrorReport }): Promise<{ backupId: string | null }> =>
    await beating(() => ({ database }), async () => {
      const backup = (await listBackups(deps.catalog, { runId, database })).find(({ state }) => isUnfinished(state));
      if (backup !== undefined) await discard(deps, backup, error);
      return { backupId: backup?.backupId ?? null };
    });
