import { stringify } from 'yaml';

import type { Inventory } from './inventory-schema.ts';
import { shownSettings } from './settings.ts';

/** The inventory in force, with its defaults, as YAML; the settings stand above it as comments. */
export function showConfiguration(path: string, inventory: Inventory): string {
  const settings = Object.entries(shownSettings()).map(([env, value]) => `#   ${env}: ${value ?? 'not set'}`);
  return [`# Settings of this process`, ...settings, `# Inventory ${path}, defaults filled in`, stringify(inventory).trimEnd()].join('\n');
}
