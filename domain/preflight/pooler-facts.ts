import type { Fact } from './fact.ts';

/** A PgBouncer that the application goes through, as its console tells it. */
export interface PoolerConsoleFacts {
  /** `host:port`. */
  readonly place: string;
  readonly user: string;
  /** May give orders; others of its roles may only look. */
  readonly admin: boolean;
  /** The entry of the route; null when there is none of that name. */
  readonly entry: { readonly name: string; readonly host: string | null; readonly port: number; readonly database: string; readonly paused: boolean } | null;
  /** The source, as the inventory has it. */
  readonly source: { readonly host: string; readonly port: number };
  /** Of the entry and of the pools it has by now. */
  readonly poolModes: readonly string[];
  /** After so long a client that waits gets an error; 0 means never. */
  readonly queryWaitSeconds: number;
}

/** The file with the entry, as the worker finds it. */
export interface PoolerFileFacts {
  readonly path: string;
  readonly absolute: boolean;
  /** There, and ours to read and to write. */
  readonly writable: boolean;
  /** Has a line for the entry. */
  readonly hasEntry: boolean;
}

/** Both are null when the route does not lead through PgBouncer. */
export interface PoolerFacts {
  readonly poolerConsole: Fact<PoolerConsoleFacts | null>;
  readonly poolerFile: Fact<PoolerFileFacts | null>;
}

export const NO_POOLER: PoolerFacts = { poolerConsole: { ok: null }, poolerFile: { ok: null } };
