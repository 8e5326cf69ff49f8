import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commented sample, with the JSON Schema that editors shall use (a path or URL). */
export function readSampleInventory(schema: string): string {
  const text = readFileSync(join(import.meta.dirname, 'sample-inventory.yaml'), 'utf8');
  return text.replace(/(?<=^# yaml-language-server: \$schema=).*$/m, schema);
}
