import type { Json } from '../canonical-json.ts';
import { type BackupManifest, MANIFEST_FORMAT, objectNameOf } from './manifest.ts';
import { count, listOf, matching, oneOf, orNull, record, type Shape, text } from './shape.ts';

const sha256 = matching(/^[0-9a-f]{64}$/, 'a SHA-256');
const keyId = matching(/^[0-9a-f]{16}$/, 'the id of a key');
const moment = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/, 'a moment in UTC');
const base64 = matching(/^[A-Za-z0-9+/]+={0,2}$/, 'base64');
/** Ends up as a name in a folder of whoever restores: no separators, nothing hidden, no parent. */
export const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

const source = record({
  role: oneOf('primary', 'standby'),
  serverVersion: text,
  serverMajor: count,
  clientVersion: text,
  encoding: text,
  collation: text,
  characterType: text,
  owner: text,
  settings: listOf(text),
  extensions: listOf(record({ name: text, version: text, schema: text })),
});

const file = record({
  name: matching(FILE_NAME, 'a name of a file'),
  object: text,
  kind: oneOf('toc', 'data', 'large-objects', 'globals', 'archive'),
  bytes: count,
  sha256,
  rawBytes: count,
  rawSha256: sha256,
});

const MANIFEST: Shape = record({
  format: oneOf(MANIFEST_FORMAT),
  backupId: text,
  policy: orNull(text),
  server: text,
  database: text,
  systemId: orNull(text),
  source,
  snapshot: record({ lsn: matching(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/, 'an LSN'), takenAt: moment }),
  startedAt: moment,
  finishedAt: moment,
  archive: record({ format: oneOf('directory', 'custom', 'plain', 'cluster'), compression: oneOf('zstd', 'none'), jobs: count }),
  files: listOf(file),
  tables: listOf(record({ schema: text, name: text, file: orNull(text), columns: listOf(text), rows: count, contentSha256: orNull(sha256) })),
  largeObjects: count,
  roles: listOf(text),
  encryption: orNull(record({ algorithm: oneOf('AES-256-GCM'), keyId, wrappedKey: base64 })),
  signature: orNull(record({ algorithm: oneOf('Ed25519'), keyId, value: base64 })),
});

/** What is wrong with what should be a manifest; empty: nothing, and it is one. Signature and hashes are not looked at. */
export function manifestProblems(value: Json, place: { readonly backupId: string; readonly prefix: string }): readonly string[] {
  const wrong = MANIFEST(value, '');
  return wrong.length > 0 ? wrong : disagreements(value as unknown as BackupManifest, place);
}

function disagreements(manifest: BackupManifest, { backupId, prefix }: { readonly backupId: string; readonly prefix: string }): string[] {
  const how = { compressed: manifest.archive.compression === 'zstd', sealed: manifest.encryption !== null };
  const dataFiles = new Set(manifest.files.filter((one) => one.kind === 'data').map((one) => one.name));
  return [
    ...(manifest.backupId === backupId ? [] : [`backupId is of another backup, ${manifest.backupId.slice(0, 60)}`]),
    ...(prefix.endsWith(`/${backupId}/`) ? [] : [`the folder ${prefix} is not of this backup`]),
    // Case is left out of account since some file systems do, and whoever downloads would lose one of the two.
    ...doubles('files', manifest.files.map((one) => one.name.toLowerCase())),
    ...manifest.files.flatMap((one) => (one.object === objectNameOf(one.name, how) ? [] : [`the object of file ${one.name} is not ${objectNameOf(one.name, how)}`])),
    ...doubles('tables', manifest.tables.map((one) => JSON.stringify([one.schema, one.name]))),
    ...doubles('files of tables', manifest.tables.flatMap((one) => one.file ?? [])),
    ...manifest.tables.flatMap((one) => (one.file === null || dataFiles.has(one.file) ? [] : [`the file of table ${one.schema}.${one.name} is not in the list of files`])),
    ...(manifest.encryption !== null && manifest.signature?.keyId !== manifest.encryption.keyId ? ['it is encrypted, but not signed with the same key'] : []),
  ];
}

function doubles(what: string, names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.flatMap((name) => (seen.has(name) || !seen.add(name) ? [`${what} has ${name} twice`] : []));
}
