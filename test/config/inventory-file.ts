import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { inject } from 'vitest';

/** A folder of the running test's own, removed with everything else of the run. */
export const testFolder = (): string => mkdtempSync(join(inject('runFolder'), 'files-'));

/** An inventory file with this text. */
export function inventoryFile(text: string): string {
  const path = join(testFolder(), 'pgconvoy.yaml');
  writeFileSync(path, text);
  return path;
}
