import type { StoreAddress } from '../domain/store-address.ts';
import { azureBlobStore } from './azure-blob-store.ts';
import { directoryStore } from './directory-store.ts';
import type { ObjectStore } from './object-store.ts';
import { PATIENCE, type Patience } from './patience.ts';

/** The store at an address. Nothing is asked before the first operation. `patience`: with a service behind a network. */
export const openStore = (address: StoreAddress, patience: Patience = PATIENCE): ObjectStore => (address.kind === 'directory' ? directoryStore(address.path) : azureBlobStore(address, patience));
