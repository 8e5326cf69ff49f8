import { resolve } from 'node:path';

import type { StoreAddress } from '../domain/store-address.ts';
import { readEmbeddedFacts } from './embedded.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory } from './inventory-schema.ts';
import { resolveSecret } from './secrets.ts';

/** The name by which the store of `pgconvoy up` is known while the inventory has none. */
export const EMBEDDED_STORE = 'default';
const EMBEDDED_CONTAINER = 'pgconvoy';

/** A store of the inventory with its secrets read now, or the embedded one. Throws `name_unknown`, `secret_missing`. */
export function resolveStore(inventory: Inventory, name: string, baseDir: string): StoreAddress {
  const embedded = Object.keys(inventory.stores).length === 0 && name === EMBEDDED_STORE ? embeddedStore() : undefined;
  if (embedded !== undefined) return embedded;
  const store = entryNamed('store', inventory.stores, name);
  if (store.kind === 'directory') return { kind: 'directory', path: resolve(baseDir, store.path) };
  const { key, sas, prefix, management: _, ...place } = store;
  const secret = (field: 'key' | 'sas', reference: string) => resolveSecret({ reference, path: `stores.${name}.${field}` }, baseDir);
  return {
    ...place,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    ...(key === undefined ? {} : { key: secret('key', key) }),
    ...(sas === undefined ? {} : { sas: secret('sas', sas) }),
  };
}

function embeddedStore(): StoreAddress | undefined {
  const facts = readEmbeddedFacts()?.store;
  if (facts === undefined) return undefined;
  const key = resolveSecret({ reference: `file:${facts.keyFile}`, path: 'the embedded store' }, '/');
  return { kind: 'azure-blob', endpoint: facts.endpoint, account: facts.account, container: EMBEDDED_CONTAINER, key, prefix: '' };
}
