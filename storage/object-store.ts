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

/** A part of an object. What lies beyond its end is left out, without an error. */
export interface ByteRange {
  readonly offset: number;
  readonly bytes: number;
}

/** A piece of an object that is put together later. */
export interface StagedBlock {
  /** Of the object. */
  readonly name: string;
  /** All ids of an object have the same length: Azure refuses others. */
  readonly id: string;
  readonly content: Uint8Array;
  readonly signal?: AbortSignal;
}

/** Staged blocks, in order, that become an object. */
export interface BlockOrder {
  readonly name: string;
  readonly ids: readonly string[];
  /** Of the whole content; kept with the object. */
  readonly md5: Uint8Array;
  /** Hex, of the whole content; kept with the object where the store can, see {@link ObjectFacts}. */
  readonly sha256: string;
  readonly signal?: AbortSignal;
}

/** A small object, which takes one request instead of one for a block and one for the list of blocks. */
export interface WholeObject extends Omit<BlockOrder, 'ids'> {
  readonly content: Uint8Array;
}

export interface ObjectFacts {
  readonly bytes: number;
  /** Hex, as it was given with the blocks; null when the store keeps none, or the object was put in one piece. */
  readonly sha256: string | null;
  /** ISO 8601, UTC, by the clock of the store. */
  readonly modifiedAt: string | null;
}

/**
 * Where dumps and backups live. Errors of all operations: `store_failed`, `store_refused`, `input_invalid` for a name
 * that is none, `interrupted`. What passes (429, 503, a broken connection) is tried again within the operation.
 */
export interface ObjectStore {
  /** Keeps an object, as a whole or not at all, also when the content fails half-way. What exists is never replaced. Error: `object_exists`. */
  readonly put: (object: PutObject) => Promise<PutReceipt>;
  /** The content, or a part of it, in pieces. Error with the first piece: `object_missing`. */
  readonly get: (name: string, range?: ByteRange, signal?: AbortSignal) => AsyncIterable<Uint8Array>;
  /** All objects whose names begin so, in the order of their names. */
  readonly list: (prefix: string) => AsyncIterable<StoredObject & { readonly modifiedAt: string | null }>;
  /** Removes an object; fine when there is none. */
  readonly delete: (name: string) => Promise<void>;

  /** Ids of the blocks that were staged for an object and are no part of one yet. */
  readonly stagedBlocks: (name: string) => Promise<ReadonlySet<string>>;
  /** Keeps a block until it is committed; one of the same id is replaced. */
  readonly stageBlock: (block: StagedBlock) => Promise<void>;
  /** Makes the object out of its blocks and forgets all others that were staged for it. What exists is never replaced. Error: `object_exists`. */
  readonly commitBlocks: (order: BlockOrder) => Promise<void>;
  /** Makes an object of one piece. What exists is never replaced. Error: `object_exists`; Azurite says so of a name with staged blocks, too. */
  readonly putWhole: (object: WholeObject) => Promise<void>;
  /** Drops blocks of objects below a prefix that were never committed; objects stay. */
  readonly abandonStaged: (prefix: string) => Promise<void>;
  readonly stat: (name: string) => Promise<ObjectFacts | undefined>;
  /** Removes all of them, and looks that they are gone; fine when some were. Error: `store_failed` naming how many are left. */
  readonly deleteMany: (names: readonly string[]) => Promise<void>;
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
