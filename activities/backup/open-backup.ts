import type { BackupRow } from '../../catalog/backups.ts';
import type { BackupManifest, ManifestFile } from '../../domain/backup/manifest.ts';
import { OperationError } from '../../domain/errors.ts';
import { type BackupKey, keyOf } from '../../storage/archive/key.ts';
import { readFile } from '../../storage/archive/read-file.ts';
import { readManifest } from '../../storage/archive/read-manifest.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { aheadOf } from '../../storage/ahead.ts';
import type { Dependencies } from '../dependencies.ts';

/** A backup that can be read: its manifest was found to be the one that was written. */
export interface OpenBackup {
  readonly backupId: string;
  readonly prefix: string;
  readonly store: ObjectStore;
  readonly manifest: BackupManifest;
  /** The raw content of a file; throws `backup_damaged` instead of ending when it is not what was written. */
  readonly read: (file: ManifestFile, signal: AbortSignal) => AsyncGenerator<Buffer>;
  readonly fileNamed: (name: string) => ManifestFile;
}

export interface BackupPlace {
  readonly backupId: string;
  readonly prefix: string;
  readonly store: ObjectStore;
  /** All that there are; the manifest says which one is needed. */
  readonly keys: readonly BackupKey[];
  /** What the catalog knows the manifest to be. */
  readonly manifestSha256: string | null;
  /** Whether it has to be signed: then one without a signature is not the one that was written. */
  readonly signed: boolean;
}

/** Reads the manifest and unwraps the key. Errors: `object_missing`, `backup_damaged`, `backup_key_missing`, those of the store. */
export async function openBackup({ backupId, prefix, store, keys, manifestSha256, signed }: BackupPlace): Promise<OpenBackup> {
  const manifest = await readManifest(store, prefix, keys, { backupId, signed, ...(manifestSha256 === null ? {} : { sha256: manifestSha256 }) });
  const { encryption } = manifest;
  const dataKey = encryption === null ? undefined : keyOf(keys, encryption.keyId, backupId).unwrap(encryption.wrappedKey, backupId);
  const files = new Map(manifest.files.map((file) => [file.name, file]));
  return {
    backupId,
    prefix,
    store,
    manifest,
    read: (file, signal) => readFile({ store: aheadOf(store, { [prefix + file.object]: file.bytes }), prefix, backupId, file, dataKey, signal }),
    fileNamed: (name) => {
      const file = files.get(name);
      if (file === undefined) throw new OperationError('backup_damaged', `file ${name} is not in the manifest of backup ${backupId}`);
      return file;
    },
  };
}

/** Where the backup of a row of the catalog is, and what the catalog knows of it. */
export function placeOf(deps: Dependencies, row: BackupRow): BackupPlace {
  const { backupId, prefix, store, manifestSha256, keyId } = row;
  return { backupId, prefix, store: deps.store(store), keys: deps.keys(), manifestSha256, signed: keyId !== null };
}

/** A small file as a whole. */
export async function readWhole(backup: OpenBackup, file: ManifestFile, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of backup.read(file, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}
