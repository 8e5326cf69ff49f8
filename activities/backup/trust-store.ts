import type { ObjectStore } from '../../storage/object-store.ts';
import { testStore } from '../../storage/self-test.ts';

const trusted = new Map<string, Promise<void>>();

/**
 * Tests a store before this worker's first backup in it, by its name in the inventory; asked again only when it failed.
 * Errors: `store_failed` saying what it does not keep, and those of the store.
 */
export async function trustStore(name: string, store: ObjectStore): Promise<void> {
  const testing = trusted.get(name) ?? testStore(store);
  trusted.set(name, testing);
  await testing.catch((error: unknown) => {
    trusted.delete(name);
    throw error;
  });
}
