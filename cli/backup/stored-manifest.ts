import type { Command } from 'commander';

import type { BackupRow } from '../../catalog/backups.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { resolveKeys } from '../../config/resolve-key.ts';
import { resolveStore } from '../../config/resolve-store.ts';
import type { BackupManifest } from '../../domain/backup/manifest.ts';
import { openBackupKey } from '../../storage/archive/key.ts';
import { readManifest } from '../../storage/archive/read-manifest.ts';
import { openStore } from '../../storage/open-store.ts';
import { globalOptions } from '../output.ts';

/** The manifest as it lies in the store, checked against the catalog and the signature. Needs neither Temporal nor a worker. */
export async function storedManifest({ store, prefix, backupId, manifestSha256 }: BackupRow, command: Command): Promise<BackupManifest> {
  const path = findInventory(globalOptions(command).inventory);
  const inventory = loadInventory(path);
  const keys = resolveKeys(inventory, baseDirOf(path)).map(openBackupKey);
  return await readManifest(openStore(resolveStore(inventory, store, baseDirOf(path))), prefix, keys, { backupId, ...(manifestSha256 === null ? {} : { sha256: manifestSha256 }) });
}
