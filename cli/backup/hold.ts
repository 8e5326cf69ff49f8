import type { Command } from 'commander';

import { appendAudit } from '../../catalog/audit.ts';
import { holdBackup, releaseBackup } from '../../catalog/backup-holds.ts';
import { withCatalog } from '../open-catalog.ts';
import { printResult } from '../output.ts';

export interface HoldOptions {
  readonly by: string;
  readonly reason: string;
}

/** Keeps a backup whatever its policy says, until it is released. */
export async function hold(backupId: string, { by, reason }: HoldOptions, command: Command): Promise<void> {
  const placed = await withCatalog(command, async (catalog) => {
    const held = await holdBackup(catalog, backupId, { by, reason });
    await appendAudit(catalog, { actor: by, action: 'backup.hold', object: `backup ${backupId}`, detail: { reason }, result: 'done' });
    return held;
  });
  printResult(command, { backupId, hold: placed }, () => `Backup ${backupId} is held: nothing removes it until \`pgconvoy backup release ${backupId}\`.`);
}

/** Lets the policy decide again. */
export async function release(backupId: string, { by, reason }: HoldOptions, command: Command): Promise<void> {
  const before = await withCatalog(command, async (catalog) => {
    const held = await releaseBackup(catalog, backupId);
    await appendAudit(catalog, { actor: by, action: 'backup.release', object: `backup ${backupId}`, detail: { reason, held }, result: 'done' });
    return held;
  });
  printResult(command, { backupId, hold: null, before }, () => (before === null ? `Backup ${backupId} was not held.` : `Backup ${backupId} is held no more: it was since ${before.at}, by ${before.by}, because "${before.reason}".`));
}
