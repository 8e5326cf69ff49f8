import type { Command } from 'commander';

import { type BackupProof, listProofs } from '../../catalog/backup-proofs.ts';
import { type BackupRow, readBackup } from '../../catalog/backups.ts';
import type { BackupManifest } from '../../domain/backup/manifest.ts';
import { type ErrorReport, exitCodeOf, reportOf } from '../../domain/errors.ts';
import { withCatalog } from '../open-catalog.ts';
import { printResult } from '../output.ts';
import { backupText, type ShownBackup } from './backup-text.ts';
import { storedManifest } from './stored-manifest.ts';

/** States in which the store has to have it. */
const STORED = ['stored', 'proven', 'rejected'];

/** Everything there is to know about one backup: from the catalog, and from its manifest in the store. */
export async function show(backupId: string, { tables = false, files = false }: { tables?: boolean; files?: boolean }, command: Command): Promise<void> {
  const [backup, proofs] = await withCatalog(command, async (catalog): Promise<[BackupRow, BackupProof[]]> => [await readBackup(catalog, backupId), await listProofs(catalog, backupId)]);
  const { manifest, problem } = STORED.includes(backup.state) ? await look(backup, command) : {};
  const shown: ShownBackup = { backup: withoutKey(backup), proofs, manifest: manifest ?? null, problem: problem ?? null };
  printResult(command, shown, () => backupText(shown, { tables, files }));
  if (problem !== undefined) process.exitCode = exitCodeOf(problem.code);
}

/** A store that does not answer, or a damaged manifest, is told beside what the catalog knows. */
async function look(backup: BackupRow, command: Command): Promise<{ manifest?: BackupManifest; problem?: ErrorReport }> {
  try {
    return { manifest: await storedManifest(backup, command) };
  } catch (error) {
    return { problem: reportOf(error) };
  }
}

/** No secret, but of no use to anybody here. */
const withoutKey = ({ wrappedKey: _, ...backup }: BackupRow): ShownBackup['backup'] => backup;
