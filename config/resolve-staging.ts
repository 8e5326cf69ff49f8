import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { parseSize } from '../domain/sizes.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory } from './inventory-schema.ts';

export interface Staging {
  /** Absolute. */
  readonly folder: string;
  readonly limitBytes: number;
}

/** Where the dumps of a policy lie until the store has them. Throws `name_unknown`. */
export function resolveStaging(inventory: Inventory, policy: string, baseDir: string): Staging {
  const { folder, limit } = entryNamed('backup policy', inventory.backups, policy).staging;
  const limitBytes = parseSize(limit);
  if (limitBytes === undefined) throw new OperationError('bug', 'a size that the schema accepted cannot be read');
  return { folder: folder === undefined ? join(tmpdir(), 'pgconvoy') : resolve(baseDir, folder), limitBytes };
}
