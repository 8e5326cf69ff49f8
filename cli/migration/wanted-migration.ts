import type { Command } from 'commander';

import { entryNamed } from '../../config/entry-named.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import type { MigrationEntry } from '../../config/inventory-schema.ts';
import { OperationError } from '../../domain/errors.ts';
import { globalOptions } from '../output.ts';

/** The migration's entry in the inventory. Throws `name_unknown`, which says what was meant. */
export function wantedMigration(migration: string, command: Command): MigrationEntry {
  return entryNamed('migration', loadInventory(findInventory(globalOptions(command).inventory)).migrations, migration);
}

/**
 * Catches a mistyped name before Temporal is asked. Whoever has no inventory at hand may still look after a migration that
 * runs elsewhere: Temporal knows whether there is one.
 */
export function checkMigrationName(migration: string, command: Command): void {
  try {
    wantedMigration(migration, command);
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== 'inventory_missing') throw error;
  }
}
