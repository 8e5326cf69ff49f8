import type { Command } from 'commander';

import { runInventory, type TakeBackupInventoryResult } from '../../client/backup-inventory.ts';
import { connectClient } from '../../client/connect-client.ts';
import { asAnswerable } from '../../client/passing-trouble.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { osUser } from '../os-user.ts';
import { printResult, textTable } from '../output.ts';

interface InventoryOptions {
  readonly adopt?: boolean;
  readonly sweep?: boolean;
  readonly by: string;
}

/** `pgconvoy backup inventory`: whether the store has what the catalog says, and the other way round. */
export function registerInventory(backup: Command): void {
  backup
    .command('inventory')
    .description('Compares a store with the catalog, both ways: sizes and manifests of what the catalog has, and what it does not know. A backup that is not all there does not count any more.')
    .argument('[store]', 'its name in the inventory', 'default')
    .option('--adopt', 'write backups that the catalog does not know into it; they count once they are proven')
    .option('--sweep', 'remove what belongs to no backup and was not written to for a week')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(inventory);
}

async function inventory(store: string, { adopt = false, sweep = false, by }: InventoryOptions, command: Command): Promise<void> {
  await using open = await connectClient(temporalConnection());
  const found = await runInventory(open.client, { store, adopt, sweep, requestedBy: by }).catch((error: unknown) => {
    throw asAnswerable(error, `the inventory of store "${store}"`);
  });
  printResult(command, { store, ...found }, () => inventoryText(store, found));
}

function inventoryText(store: string, { counts, findings, degraded, adopted, swept, others }: TakeBackupInventoryResult): string {
  const total = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  return [
    `Store ${store}: ${total.length === 0 ? 'no backups' : total.join(', ')}${others === 0 ? '' : `; ${others} objects beside them, such as proofs`}.`,
    ...(findings.length === 0 ? [] : [textTable(['backup', 'is', 'objects', 'bytes', ''], findings.map(({ backupId, kind, objects, bytes, evidence }) => [backupId, kind, String(objects), bytesText(bytes), evidence]))]),
    ...degraded.map((backupId) => `${backupId} does not count any more.`),
    ...adopted.map((backupId) => `${backupId} is in the catalog now; \`pgconvoy backup verify ${backupId}\` proves it.`),
    ...swept.map((prefix) => `Removed ${prefix}`),
  ].join('\n');
}
