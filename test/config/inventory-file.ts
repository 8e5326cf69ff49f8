import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

/** A folder of the running test's own. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pgconvoy-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** An inventory file with this text. */
export function inventoryFile(text: string): string {
  const path = join(testFolder(), 'pgconvoy.yaml');
  writeFileSync(path, text);
  return path;
}
