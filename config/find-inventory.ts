import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { readSetting } from './settings.ts';

/** The absolute path of the inventory: the flag, else PGCONVOY_INVENTORY, else ./pgconvoy.yaml. Throws `inventory_missing`. */
export function findInventory(flag?: string): string {
  const path = resolve(flag ?? readSetting('inventory')!);
  if (existsSync(path)) return path;
  throw new OperationError('inventory_missing', `inventory file ${path} does not exist`, { context: { path } });
}

/** The folder that relative paths in the inventory start from. */
export const baseDirOf = (inventoryPath: string): string => dirname(resolve(inventoryPath));
