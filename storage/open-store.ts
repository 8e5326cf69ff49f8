import type { StoreAddress } from '../domain/store-address.ts';
import { azureBlobStore } from './azure-blob-store.ts';
import { directoryStore } from './directory-store.ts';
import type { ObjectStore } from './object-store.ts';

/** The store at an address. Nothing is asked before the first operation. */
export const openStore = (address: StoreAddress): ObjectStore => (address.kind === 'directory' ? directoryStore(address.path) : azureBlobStore(address));
