import { OperationError } from '../domain/errors.ts';

export interface StoredObject {
  /** Relative, with `/` between its parts; see {@link checkObjectName}. */
  readonly name: string;
  readonly bytes: number;
}

export interface PutObject {
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** What was put: where it lies, for people, and what proves it whole. */
export interface PutReceipt extends StoredObject {
  /** A path or a URL, without secrets. */
  readonly address: string;
  /** Hex, of the content as it was read. */
  readonly sha256: string;
}

/**
 * Where dumps and backups live. Errors of all operations: `store_failed`, `store_refused`, `input_invalid` for a name
 * that is none, `interrupted`.
 */
export interface ObjectStore {
  /** Keeps an object, as a whole or not at all, also when the content fails half-way. What exists is never replaced. Error: `object_exists`. */
  readonly put: (object: PutObject) => Promise<PutReceipt>;
  /** The content in pieces. Error with the first piece: `object_missing`. */
  readonly get: (name: string) => AsyncIterable<Uint8Array>;
  /** All objects whose names begin so, in the order of their names. */
  readonly list: (prefix: string) => AsyncIterable<StoredObject>;
  /** Removes an object; fine when there is none. */
  readonly delete: (name: string) => Promise<void>;
}

const PART = /^[A-Za-z0-9._%+=,@-]+$/;
const LONGEST = 900;

/** Refuses names that some store could not keep, or that lead out of a folder. Error: `input_invalid`. */
export function checkObjectName(name: string): string {
  const fine = name.length <= LONGEST && name.split('/').every((part) => PART.test(part) && !/^\.+$/.test(part) && !part.startsWith('.being-put'));
  if (fine) return name;
  throw new OperationError('input_invalid', `"${name.slice(0, 80)}" is not a name for an object`, { detail: 'Its parts may have letters, digits and . _ % + = , @ -, and are separated by /.' });
}

/** Any text, such as the name of a database, as one part of a name. */
export const asNamePart = (text: string): string => encodeURIComponent(text).replaceAll(/[!'()*~]|^\.+/g, (found) => found.split('').map((character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`).join(''));

export const objectExists = (name: string): OperationError => new OperationError('object_exists', `object ${name} exists already in the store`);
export const objectMissing = (name: string): OperationError => new OperationError('object_missing', `object ${name} is not in the store`);
