import type { Command } from 'commander';

import { entryNamed } from '../../config/entry-named.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import type { BackupEntry } from '../../config/inventory-schema.ts';
import { globalOptions } from '../output.ts';

/** The policy of the inventory. Throws `name_unknown`, which says what was meant, before Temporal is asked. */
export function wantedPolicy(policy: string, command: Command): BackupEntry {
  return entryNamed('backup policy', loadInventory(findInventory(globalOptions(command).inventory)).backups, policy);
}
