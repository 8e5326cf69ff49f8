import type { Json } from '../domain/canonical-json.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

export interface NewBackupProof {
  readonly backupId: string;
  /** The run that tried it; the same run again replaces its proof. */
  readonly runId: string;
  readonly verdict: 'proven' | 'rejected';
  readonly evidence: Json;
  /** By part: download, restore, compare, smoke. */
  readonly seconds: Json;
  /** Null: the policy names no key. */
  readonly signature: string | null;
}

export interface BackupProof extends NewBackupProof {
  /** ISO 8601, UTC, by the catalog's clock. */
  readonly at: string;
}

/** Keeps what trying a backup gave. The state of the backup is changed by whoever tried it. */
export async function recordProof(catalog: Catalog, proof: NewBackupProof): Promise<void> {
  const sql = `
    INSERT INTO pgconvoy.backup_proof (backup_id, run_id, verdict, evidence, seconds, signature)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (backup_id, run_id) DO UPDATE
    SET verdict = excluded.verdict, evidence = excluded.evidence, seconds = excluded.seconds, signature = excluded.signature, at = clock_timestamp()`;
  const { backupId, runId, verdict, evidence, seconds, signature } = proof;
  await catalog.sessions.use((session) => session.execute(sql, [backupId, runId, verdict, JSON.stringify(evidence), JSON.stringify(seconds), signature]));
}

/** The proofs of a backup, oldest first. */
export function listProofs(catalog: Catalog, backupId: string): Promise<BackupProof[]> {
  const sql = `
    SELECT backup_id AS "backupId", run_id AS "runId", verdict, evidence, seconds, signature, ${isoText('at')} AS at
    FROM pgconvoy.backup_proof
    WHERE backup_id = $1
    ORDER BY backup_proof.at, run_id`;
  return catalog.sessions.use((session) => session.rows<BackupProof>(sql, [backupId]));
}

/** Why the last proof of each backup of a policy rejected it: the first reason, by backup. */
export async function readRejections(catalog: Catalog, policy: string): Promise<ReadonlyMap<string, string>> {
  const sql = `
    SELECT DISTINCT ON (p.backup_id) p.backup_id AS "backupId", p.verdict, coalesce(p.evidence -> 'reasons' ->> 0, 'its proof gave no reason') AS reason
    FROM pgconvoy.backup_proof AS p
    JOIN pgconvoy.backup AS b USING (backup_id)
    WHERE b.policy = $1
    ORDER BY p.backup_id, p.at DESC`;
  const rows = await catalog.sessions.use((session) => session.rows<{ backupId: string; verdict: string; reason: string }>(sql, [policy]));
  return new Map(rows.filter(({ verdict }) => verdict === 'rejected').map(({ backupId, reason }) => [backupId, reason]));
}
