import type { ManagedAccount } from '../domain/store-address.ts';
import type { Inventory } from './inventory-schema.ts';
import { resolveSecret } from './secrets.ts';

/**
 * How to ask the management of a store's account; null where the inventory does not say. Apart from the store: workers that write to it need
 * no such token. Throws `secret_missing`.
 */
export function resolveManagement(inventory: Inventory, name: string, baseDir: string): ManagedAccount | null {
  const store = inventory.stores[name];
  if (store?.kind !== 'azure-blob' || store.management === undefined) return null;
  const { token, endpoint, ...place } = store.management;
  return {
    ...place,
    account: store.account,
    endpoint: endpoint.replace(/\/+$/, ''),
    ...(token === undefined ? {} : { token: resolveSecret({ reference: token, path: `stores.${name}.management.token` }, baseDir) }),
  };
}
