import { cancellationDetails, cancellationSignal } from '@temporalio/activity';

import { appendAudit } from '../../catalog/audit.ts';
import { readBackup } from '../../catalog/backups.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { dropRestoring } from '../../postgres/backup/restored-database.ts';
import { connect } from '../../postgres/connection.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import { noteDamage } from './note-damage.ts';
import { openBackup, placeOf } from './open-backup.ts';
import { restoreInto } from './restore-into.ts';
import type { RestoreProgress } from './restore-target.ts';

export interface RestoreDatabaseOrder {
  readonly runId: string;
  readonly backupId: string;
  /** Inventory name. */
  readonly server: string;
  /** To be made; nothing that exists is touched. */
  readonly database: string;
  /** Only these, with all that they need. */
  readonly schemas?: readonly string[] | undefined;
  /** `schema.name`. */
  readonly tables?: readonly string[] | undefined;
  /** Default true: owners and grants come along. */
  readonly owners?: boolean | undefined;
  readonly privileges?: boolean | undefined;
  /** `create`: without the right to log in, which is given with a password. Default: the restore says which are missing. */
  readonly missingRoles?: 'create' | 'refuse' | undefined;
  /** Default: twice the worker's cores at most. */
  readonly lanes?: number | undefined;
  readonly requestedBy?: string | undefined;
}

export interface RestoredDatabase {
  readonly backupId: string;
  readonly rows: number;
  readonly bytes: number;
  readonly tables: number;
  readonly seconds: number;
  /** Roles that were made; each needs a password before it can log in. */
  readonly passwordNeeded: readonly string[];
  /** What did not come along, in words. */
  readonly leftOut: readonly string[];
  /** Disabled; to be enabled, or dropped, by hand (B59). */
  readonly subscriptions: readonly string[];
  /** Switched off in the restored database. */
  readonly jobs: readonly string[];
  /** What was made of the work of an attempt that was cut short. */
  readonly resumed: string | null;
}

/** Restores a backup into a new database of a server. A repeated attempt goes on with what the last one left. A backup that is found damaged is rejected. See `restoreInto` for the errors. */
export const restoreDatabase =
  (deps: Dependencies) =>
  async (order: RestoreDatabaseOrder): Promise<RestoredDatabase> => {
    let progress: RestoreProgress = { doing: `opening backup ${order.backupId}`, bytes: 0, totalBytes: 0, steps: 0, totalSteps: 0 };
    return await beating(() => ({ ...progress }), async () => {
      const began = performance.now();
      const row = await readBackup(deps.catalog, order.backupId);
      const { runId, requestedBy = 'pgconvoy' } = order;
      const damaged = async (error: unknown): Promise<never> => {
        await noteDamage(deps, row, error, { runId, requestedBy });
        throw error;
      };
      const backup = await openBackup(placeOf(deps, row)).catch(damaged);
      const server = deps.server(order.server);
      const restored = await restoreInto({
        runId: order.runId,
        backup,
        server,
        database: order.database,
        clients: deps.clients,
        selection: { schemas: order.schemas ?? [], tables: order.tables ?? [] },
        lanes: order.lanes ?? lanesFor(deps.cores),
        owners: order.owners ?? true,
        privileges: order.privileges ?? true,
        missingRoles: order.missingRoles ?? 'refuse',
        stopJobs: true,
        signal: cancellationSignal(),
        tell: (now) => (progress = now),
      }).catch(async (error: unknown) => {
        if (cancellationDetails()?.cancelRequested === true) await discard(server, order.runId);
        return await damaged(error);
      });
      const { rows, bytes, tables, rolesMade, leftOut, activity, resumed } = restored;
      const result = { backupId: order.backupId, rows, bytes, tables, seconds: (performance.now() - began) / 1000, passwordNeeded: rolesMade, leftOut, subscriptions: activity.subscriptions, jobs: activity.jobs, resumed };
      await appendAudit(deps.catalog, { eventId: `${order.runId}/restored`, actor: requestedBy, action: 'backup.restore', object: `database ${order.database} on server ${order.server}`, runId: order.runId, detail: { ...result }, result: 'done' });
      return result;
    });
  };

/** Nobody goes on with a restore that was called off; one whose worker is shut down is gone on with. */
async function discard(server: ServerAddress, runId: string): Promise<void> {
  await using session = await connect(server, { purpose: `restore_${runId}` });
  await dropRestoring(session, runId);
}

/** The server works as well, so that more lanes than cores only wait for one another; one more keeps them busy while one asks the store. */
export const lanesFor = (cores: number): number => Math.min(16, Math.max(3, cores + 1));
