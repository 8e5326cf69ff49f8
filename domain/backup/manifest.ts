/**
 * The manifest of a backup: the last object that is written, and what makes the others a backup. Plain JSON; kept
 * canonical (RFC 8785), so that its signature and its hash do not depend on who writes it.
 */
export const MANIFEST_FORMAT = 'pgconvoy-backup/1';
/** The name of its object, below the folder of the backup. */
export const MANIFEST_NAME = 'manifest.json';

export type BackupFormat = 'directory' | 'custom' | 'plain' | 'cluster';
export type BackupCompression = 'zstd' | 'none';

export interface BackupManifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly backupId: string;
  /** Inventory names; `policy` is null for a backup that was asked for by hand without one. */
  readonly policy: string | null;
  readonly server: string;
  readonly database: string;
  /** `pg_control_system().system_identifier`, as text; null where the server does not let us ask. */
  readonly systemId: string | null;
  readonly source: {
    readonly role: 'primary' | 'standby';
    /** For example `15.18`. */
    readonly serverVersion: string;
    readonly serverMajor: number;
    readonly clientVersion: string;
    readonly encoding: string;
    readonly collation: string;
    readonly characterType: string;
    readonly owner: string;
    /** `ALTER DATABASE … SET` without role: `name=value`. */
    readonly settings: readonly string[];
    readonly extensions: readonly { readonly name: string; readonly version: string; readonly schema: string }[];
  };
  readonly snapshot: {
    /** Of `pg_current_wal_lsn()`, on a standby `pg_last_wal_replay_lsn()`, asked just before the snapshot was taken. */
    readonly lsn: string;
    /** ISO 8601, UTC, of the server's clock. */
    readonly takenAt: string;
  };
  /** Of the server's clock. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly archive: { readonly format: BackupFormat; readonly compression: BackupCompression; readonly jobs: number };
  readonly files: readonly ManifestFile[];
  readonly tables: readonly ManifestTable[];
  readonly largeObjects: number;
  /** Names of roles that own or are granted something; their passwords are not in the backup. */
  readonly roles: readonly string[];
  /** Null: not encrypted. */
  readonly encryption: { readonly algorithm: 'AES-256-GCM'; readonly keyId: string; readonly wrappedKey: string } | null;
  /** Null: the policy names no key. Over the canonical JSON of all other fields. */
  readonly signature: { readonly algorithm: 'Ed25519'; readonly keyId: string; readonly value: string } | null;
}

export type FileKind = 'toc' | 'data' | 'large-objects' | 'globals' | 'archive';

export interface ManifestFile {
  /** As pg_dump named it, for example `3012.dat`; a plain copy of all files under these names is the archive again. */
  readonly name: string;
  /** Of the object, below the folder of the backup: `files/3012.dat.zst`, with `.sealed` behind when encrypted. */
  readonly object: string;
  readonly kind: FileKind;
  /** As stored. */
  readonly bytes: number;
  readonly sha256: string;
  /** As pg_dump wrote it. */
  readonly rawBytes: number;
  readonly rawSha256: string;
}

export interface ManifestTable {
  readonly schema: string;
  readonly name: string;
  /** `name` of its file; null for a table whose rows are not dumped (foreign tables, unlogged on a standby). */
  readonly file: string | null;
  /** In the order of the file. */
  readonly columns: readonly string[];
  /** Counted by the server under the snapshot of the dump, independently of pg_dump. */
  readonly rows: number;
  /**
   * SHA-256 of the rows as `COPY … TO STDOUT` sends them, in the order of the heap: of the file without its end marker. A
   * table that was restored by one COPY gives the same text in the same order.
   */
  readonly contentSha256: string | null;
}

/** What ends the rows in a file of pg_dump: `\.` and three line ends. It is no part of the content. */
export const DATA_END = '\\.\n\n\n';

/** Below the folder of a backup. */
export const objectNameOf = (file: string, how: { readonly compressed: boolean; readonly sealed: boolean }): string => `files/${file}${how.compressed ? '.zst' : ''}${how.sealed ? '.sealed' : ''}`;
