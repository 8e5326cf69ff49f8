import { policyLock } from '../../catalog/backup-locks.ts';
import { appendAudit } from '../../catalog/audit.ts';
import { recordRun } from '../../catalog/runs.ts';
import { entryNamed } from '../../config/entry-named.ts';
import type { BackupEntry } from '../../config/inventory-schema.ts';
import { WHOLE_CLUSTER } from '../../domain/backup/whole-cluster.ts';
import { OperationError } from '../../domain/errors.ts';
import { listDatabases } from '../../postgres/backup/list-databases.ts';
import { connect } from '../../postgres/connection.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import { endGoneRuns } from './end-gone-runs.ts';
import { holdLock, ownWorkflow } from './hold-lock.ts';
import { reapBackups } from './reap-backups.ts';

export interface BackupRunOrder {
  readonly runId: string;
  /** A name under `backups` of the inventory. */
  readonly policy: string;
  readonly requestedBy: string;
  /** Only these of the policy. */
  readonly databases?: readonly string[] | undefined;
}

/** What the workflow needs of the policy. */
export interface BegunBackupRun {
  readonly server: string;
  readonly store: string;
  readonly databases: readonly string[];
  readonly sealed: boolean;
  /** Whether each backup is proven before the run ends. */
  readonly prove: boolean;
}

/**
 * Takes the policy for this run alone, ends what earlier runs left unfinished, and says which databases are backed up.
 * Errors: `already_running` naming who has the policy, `name_unknown`, `database_missing`, and what the server says.
 */
export const beginBackupRun =
  (deps: Dependencies) =>
  async ({ runId, policy, requestedBy, databases: wanted }: BackupRunOrder): Promise<BegunBackupRun> =>
    await beating(() => ({ policy }), async () => {
      const entry = entryNamed('backup policy', deps.inventory().backups, policy);
      // Secrets that are missing end the run before anything is touched.
      deps.server(entry.server);
      deps.store(entry.store);
      await endGoneRuns(deps, runId);
      await holdLock(deps, { object: policyLock(policy), mode: 'alone', runId, purpose: 'backup' });
      await recordRun(deps.catalog, { runId, kind: 'backup', subject: policy, workflowId: ownWorkflow(), actor: requestedBy });
      await reapBackups(deps, { policy, runId });
      const databases = await databasesOf(deps, entry, { policy, wanted });
      await appendAudit(deps.catalog, { eventId: `${runId}/start`, actor: requestedBy, action: 'backup.start', object: `policy ${policy}`, runId, detail: { databases, store: entry.store, sealed: entry.encryption !== undefined }, result: 'done' });
      return { server: entry.server, store: entry.store, databases, sealed: entry.encryption !== undefined, prove: entry.proof.after === 'every' };
    });

interface Wanted {
  readonly policy: string;
  readonly wanted: readonly string[] | undefined;
}

async function databasesOf(deps: Dependencies, entry: BackupEntry, { policy, wanted }: Wanted): Promise<readonly string[]> {
  if (entry.format === 'cluster') return [WHOLE_CLUSTER];
  const all = entry.databases === 'all' ? await databasesOn(deps, entry.server) : entry.databases;
  const foreign = wanted?.filter((name) => !all.includes(name)) ?? [];
  if (foreign.length > 0) throw new OperationError('database_missing', `policy "${policy}" has no database ${foreign.map((name) => `"${name}"`).join(', ')}`, { hint: `It has: ${all.join(', ')}.` });
  return wanted ?? all;
}

async function databasesOn(deps: Dependencies, server: string): Promise<string[]> {
  await using session = await connect(deps.server(server), { purpose: 'backup' });
  return await listDatabases(session);
}
