import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory } from './inventory-schema.ts';
import { resolveSecret } from './secrets.ts';

/** A key of the inventory, read now. Throws `name_unknown`, `secret_missing`. */
export function resolveKey(inventory: Inventory, name: string, baseDir: string): Secret {
  return resolveSecret({ reference: entryNamed('key', inventory.keys, name), path: `keys.${name}` }, baseDir);
}

/** Every key that this machine has. One that is elsewhere is passed over: whoever needs it says which is missing. */
export function resolveKeys(inventory: Inventory, baseDir: string): Secret[] {
  return Object.keys(inventory.keys).flatMap((name) => {
    try {
      return [resolveKey(inventory, name, baseDir)];
    } catch (error) {
      if (error instanceof OperationError && error.code === 'secret_missing') return [];
      throw error;
    }
  });
}
