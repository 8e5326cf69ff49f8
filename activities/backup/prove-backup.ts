import { cancellationSignal } from '@temporalio/activity';

import { appendAudit } from '../../catalog/audit.ts';
import { recordProof } from '../../catalog/backup-proofs.ts';
import { type BackupRow, changeBackup, readBackup } from '../../catalog/backups.ts';
import { toJson } from '../../domain/canonical-json.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import { placeOf } from './open-backup.ts';
import { keepEvidence, PROOF_FORMAT, type ProofEvidence } from './proof-evidence.ts';
import { openLocal, openNamed, scratchFolder } from './prove-place.ts';
import { proveWork, type SmokeWish } from './prove-work.ts';
import { lanesFor } from './restore-database.ts';

export interface ProveBackupOrder {
  readonly runId: string;
  readonly backupId: string;
}

export interface ProvenBackup {
  readonly verdict: 'proven' | 'rejected';
  readonly reasons: string[];
  /** By part: download, restore, compare, structures, smoke. */
  readonly seconds: Record<string, number>;
  readonly tables: number;
  readonly rows: number;
  /** In the store. */
  readonly evidence: string;
}

/**
 * Restores a backup into a throwaway place and compares it with its manifest. The verdict is kept in the catalog and, signed,
 * beside the backup. Errors say that no verdict could be had: `backup_key_missing`, those of the store, of programs and servers.
 */
export const proveBackup =
  (deps: Dependencies) =>
  async ({ runId, backupId }: ProveBackupOrder): Promise<ProvenBackup> => {
    let now = { doing: `opening backup ${backupId}`, bytes: 0 };
    return await beating(() => ({ ...now }), async () => {
      const row = await readBackup(deps.catalog, backupId);
      const evidence = await collect(deps, row, runId, (doing, bytes) => (now = { doing, bytes }));
      now = { ...now, doing: 'keeping the evidence' };
      const key = deps.keys().find(({ keyId }) => keyId === row.keyId);
      const { name, signature } = await keepEvidence(deps.store(row.store), row.prefix, evidence, key);
      const { verdict, reasons, seconds } = evidence;
      await recordProof(deps.catalog, { backupId, runId, verdict, evidence: toJson(evidence), seconds: { ...seconds }, signature });
      const restoreSeconds = seconds['restore'];
      await changeBackup(deps.catalog, backupId, { state: verdict, ...(verdict === 'proven' ? { error: null } : {}), ...(restoreSeconds === undefined ? {} : { restoreSeconds }) });
      await appendAudit(deps.catalog, { eventId: `${runId}/proof`, actor: 'pgconvoy', action: 'backup.prove', object: `backup ${backupId}`, runId, detail: { verdict, reasons: reasons.slice(0, 20), evidence: name }, result: verdict === 'proven' ? 'done' : 'failed' });
      return { verdict, reasons: [...reasons], seconds: { ...seconds }, tables: evidence.tables, rows: evidence.rows, evidence: name };
    });
  };

async function collect(deps: Dependencies, row: BackupRow, runId: string, tell: (doing: string, bytes: number) => void): Promise<ProofEvidence> {
  const startedAt = new Date().toISOString();
  const { where, smoke, amcheck, folder } = wishOf(deps, row);
  const findings = await proveWork({
    runId,
    backup: placeOf(deps, row),
    clients: deps.clients,
    open: async ({ manifest }) => {
      if (where !== 'local') return await openNamed(deps.server(where), runId);
      const rawBytes = manifest.files.reduce((sum, file) => sum + file.rawBytes, 0);
      return await openLocal({ folder: scratchFolder(folder), installation: await deps.servers(manifest.source.serverMajor), database: manifest.database, rawBytes });
    },
    smoke,
    amcheck,
    lanes: lanesFor(deps.cores),
    signal: cancellationSignal(),
    tell,
  });
  const { backupId, policy, server, database, manifestSha256 } = row;
  const verdict = findings.reasons.length === 0 ? 'proven' : 'rejected';
  return { format: PROOF_FORMAT, backupId, runId, policy, server, database, manifestSha256, verdict, startedAt, finishedAt: new Date().toISOString(), ...findings };
}

/** As the policy says now; without one, a throwaway server and no questions. */
function wishOf(deps: Dependencies, { policy }: BackupRow): { where: string; smoke: readonly SmokeWish[]; amcheck: boolean; folder: string | undefined } {
  const entry = policy === null ? undefined : deps.inventory().backups[policy];
  if (policy === null || entry === undefined) return { where: 'local', smoke: [], amcheck: true, folder: undefined };
  return { ...entry.proof, folder: deps.staging(policy).folder };
}
