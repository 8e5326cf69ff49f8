import { readFileSync } from 'node:fs';

import { OperationError } from '../domain/errors.ts';
import { checkCrossReferences } from './cross-references.ts';
import type { Finding } from './finding.ts';
import { baseDirOf } from './find-inventory.ts';
import type { Inventory } from './inventory-schema.ts';
import { parseInventoryText } from './inventory-text.ts';
import { checkSecrets } from './secret-references.ts';
import { validateInventory } from './schema-complaints.ts';

/** Reads and validates an inventory file. Throws `inventory_missing` and `inventory_invalid`, whose detail has a line for every error. */
export function loadInventory(path: string): Inventory {
  const { inventory, findings } = examine(path);
  if (inventory !== undefined && findings.length === 0) return inventory;
  throw new OperationError('inventory_invalid', `inventory file ${path} has ${findings.length === 1 ? 'an error' : `${findings.length} errors`}`, {
    detail: findings.map((finding) => findingLine(path, finding)).join('\n'),
    context: { path, errors: findings.length },
  });
}

/** Everything there is to say about an inventory file, in the order of its lines: errors, and warnings about secrets this machine cannot resolve. */
export function checkInventory(path: string): Finding[] {
  const { text, inventory, findings } = examine(path);
  const warnings = inventory === undefined ? [] : checkSecrets(inventory, baseDirOf(path)).map(text.locate);
  return [...findings, ...warnings].toSorted((left, right) => left.line - right.line || left.column - right.column);
}

/** `file:line:column: path message`, which editors and terminals turn into a link. */
export const findingLine = (file: string, { line, column, path, message }: Finding): string => `${file}:${line}:${column}: ${[path, message].filter(Boolean).join(' ')}`;

function examine(path: string) {
  const text = parseInventoryText(readText(path));
  if (text.syntaxErrors.length > 0) return { text, findings: text.syntaxErrors };
  const { inventory, complaints } = validateInventory(text.value);
  const crossed = inventory === undefined ? [] : checkCrossReferences(inventory);
  return { text, inventory, findings: [...complaints, ...crossed].map(text.locate) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OperationError('inventory_missing', `could not read inventory file ${path}`, { detail: (error as Error).message, cause: error });
  }
}
