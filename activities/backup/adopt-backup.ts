import { createHash } from 'node:crypto';

import { appendAudit } from '../../catalog/audit.ts';
import { changeBackup, recordBackup } from '../../catalog/backups.ts';
import { mustBeSigned } from '../../domain/backup/must-be-signed.ts';
import type { InventoryFinding } from '../../domain/backup/store-inventory.ts';
import { canonicalJson, toJson } from '../../domain/canonical-json.ts';
import { readManifest } from '../../storage/archive/read-manifest.ts';
import type { Dependencies } from '../dependencies.ts';
import type { InventoryOrder } from './take-inventory.ts';

/**
 * Writes a backup into the catalog out of its manifest, as after the loss of the catalog. It counts as stored and not as
 * proven: who proved it, and when, is not in the store.
 */
export async function adoptBackup(deps: Dependencies, { runId, store, requestedBy }: InventoryOrder, { backupId, prefix }: InventoryFinding): Promise<string> {
  const manifest = await readManifest(deps.store(store), prefix, deps.keys(), { backupId, signed: (policy) => mustBeSigned(deps.inventory().backups, policy) });
  const { policy, server, systemId, database, encryption, snapshot, files, tables } = manifest;
  await recordBackup(deps.catalog, { backupId, runId: `adopted-${backupId}`, policy, server, systemId, database, store, prefix, wrappedKey: encryption?.wrappedKey ?? null, keyId: encryption?.keyId ?? null });
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  await changeBackup(deps.catalog, backupId, {
    state: 'stored',
    snapshotAt: snapshot.takenAt,
    snapshotLsn: snapshot.lsn,
    storedBytes: sum(files.map(({ bytes }) => bytes)),
    rawBytes: sum(files.map(({ rawBytes }) => rawBytes)),
    rows: sum(tables.map(({ rows }) => rows)),
    manifestSha256: createHash('sha256').update(canonicalJson(toJson(manifest))).digest('hex'),
  });
  await appendAudit(deps.catalog, { eventId: `adopted/${backupId}`, actor: requestedBy, action: 'backup.adopt', object: `backup ${backupId}`, runId, detail: { store, prefix, database }, result: 'done' });
  return backupId;
}
