import { randomBytes } from 'node:crypto';

import { recordBackup } from '../../catalog/backups.ts';
import { entryNamed } from '../../config/entry-named.ts';
import { placeOf } from '../../domain/backup/backup-name.ts';
import { clockSkewMs, SKEW_LIMIT_MS } from '../../domain/backup/clock-skew.ts';
import { WHOLE_CLUSTER } from '../../domain/backup/whole-cluster.ts';
import { OperationError } from '../../domain/errors.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { readServerIdentity, type ServerIdentity } from '../../postgres/backup/source-facts.ts';
import { connect } from '../../postgres/connection.ts';
import { newDataKey } from '../../storage/archive/data-key.ts';
import { asNamePart } from '../../storage/object-store.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';

export interface BeginBackupOrder {
  readonly runId: string;
  /** A name under `backups` of the inventory. */
  readonly policy: string;
  readonly database: string;
}

/**
 * Gives a backup its name, its folder and its data key, and writes them down. A repeated step gets the same backup, so that
 * a dump goes on where it was. Errors: `preflight_failed` for clocks that differ, and what the server says.
 */
export const beginBackup =
  (deps: Dependencies) =>
  async (order: BeginBackupOrder): Promise<{ backupId: string; prefix: string }> =>
    await beating(() => ({ database: order.database }), () => nameBackup(deps, order));

/** {@link beginBackup} outside of Temporal. */
export async function nameBackup(deps: Pick<Dependencies, 'catalog' | 'inventory' | 'server' | 'key'>, { runId, policy, database }: BeginBackupOrder): Promise<{ backupId: string; prefix: string }> {
  const entry = entryNamed('backup policy', deps.inventory().backups, policy);
  const { systemId, now } = await askServer(deps.server(entry.server), database);
  const { backupId, prefix } = placeOf({ systemId, server: entry.server, databasePart: asNamePart(database), at: now, mark: randomBytes(4).toString('hex') });
  const key = entry.encryption === undefined ? undefined : deps.key(entry.encryption);
  const row = await recordBackup(deps.catalog, {
    backupId,
    runId,
    policy,
    server: entry.server,
    systemId,
    database,
    store: entry.store,
    prefix,
    wrappedKey: key?.wrap(newDataKey(), backupId) ?? null,
    keyId: key?.keyId ?? null,
  });
  return { backupId: row.backupId, prefix: row.prefix };
}

async function askServer(server: ServerAddress, database: string): Promise<ServerIdentity> {
  await using session = await connect(server, { purpose: 'backup', ...(database === WHOLE_CLUSTER ? {} : { database }) });
  const before = Date.now();
  const identity = await readServerIdentity(session);
  const skew = clockSkewMs({ before, after: Date.now(), server: Date.parse(identity.now) });
  if (Math.abs(skew) <= SKEW_LIMIT_MS) return identity;
  throw new OperationError('preflight_failed', `the clocks of server ${server.name} and of this worker differ by ${Math.round(Math.abs(skew) / 1000)} seconds`, {
    detail: `The server's is ${skew > 0 ? 'ahead' : 'behind'}; at most ${SKEW_LIMIT_MS / 1000} seconds are let pass, since the age of backups is told by both.`,
    hint: 'Set the clock that is wrong; time synchronisation has probably stopped there.',
    context: { skewMs: skew },
  });
}
