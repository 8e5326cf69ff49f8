import type { Secret } from './secret.ts';

export interface DirectoryAddress {
  readonly kind: 'directory';
  /** Absolute. */
  readonly path: string;
}

export interface AzureBlobAddress {
  readonly kind: 'azure-blob';
  /** Of the account: `https://<account>.blob.core.windows.net`. */
  readonly endpoint: string;
  readonly account: string;
  readonly container: string;
  /** One of the two. */
  readonly key?: Secret;
  readonly sas?: Secret;
  /** Put before the name of every object; empty, or ends with `/`. */
  readonly prefix: string;
}

/** Where objects are kept: resolved from the inventory at the last moment, never stored or sent anywhere. */
export type StoreAddress = DirectoryAddress | AzureBlobAddress;

/** An account as its management knows it: other rights, another address and another secret than those of its objects. */
export interface ManagedAccount {
  readonly account: string;
  /** `https://management.azure.com`, without `/` at its end. */
  readonly endpoint: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  /** Absent: what identity the machine has. */
  readonly token?: Secret;
}
