import { hash } from 'node:crypto';

import { manifestProblems } from '../../domain/backup/check-manifest.ts';
import { type BackupManifest, MANIFEST_NAME } from '../../domain/backup/manifest.ts';
import { canonicalJson, type Json } from '../../domain/canonical-json.ts';
import type { OperationError } from '../../domain/errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { damaged } from './damage.ts';
import { type BackupKey, keyOf } from './key.ts';
import { signedText } from './signed-text.ts';

export interface ManifestExpectation {
  readonly backupId: string;
  /** Of the manifest's bytes, from the catalog. */
  readonly sha256?: string;
  /** One without a signature is refused: who can write to the store could have taken it away. Where it depends on the policy, asked with its name. */
  readonly signed?: boolean | ((policy: string | null) => boolean);
}

/** Room for half a million tables. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Reads a manifest and believes nothing of it: bytes, form, names, agreement with its place, signature. All keys of the
 * inventory are needed, since an old backup is signed with an old key.
 *
 * Errors: `object_missing` (no manifest, no backup), `backup_damaged`, `backup_key_missing`.
 */
export async function readManifest(store: ObjectStore, prefix: string, keys: readonly BackupKey[], expect?: ManifestExpectation): Promise<BackupManifest> {
  const backupId = expect?.backupId ?? prefix.split('/').at(-2) ?? '';
  const wrong = (what: string, expected?: string, actual?: string): OperationError => damaged({ backupId, object: prefix + MANIFEST_NAME, what, ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) });
  const bytes = await contentOf(store, prefix + MANIFEST_NAME, wrong);
  const actual = hash('sha256', bytes);
  if (expect?.sha256 !== undefined && expect.sha256 !== actual) throw wrong('Its SHA-256 differs from the one in the catalog.', expect.sha256, actual);
  const value = parse(bytes, wrong);
  const problems = manifestProblems(value, { backupId, prefix });
  if (problems.length > 0) throw wrong(`It is not the manifest of this backup: ${problems.slice(0, 5).join('; ')}.`);
  const manifest = value as unknown as BackupManifest;
  const { signed = false } = expect ?? {};
  checkSignature(manifest, keys, typeof signed === 'boolean' ? signed : signed(manifest.policy), wrong);
  return manifest;
}

/** One text has one meaning: fields given twice, or hidden in odd spellings, do not survive the comparison. */
function parse(bytes: Buffer, wrong: (what: string) => OperationError): Json {
  let value: Json;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text) as Json;
  } catch {
    throw wrong('It is no JSON.');
  }
  if (canonicalJson(value) !== text) throw wrong('It is not in canonical form.');
  return value;
}

function checkSignature(manifest: BackupManifest, keys: readonly BackupKey[], needed: boolean, wrong: (what: string) => OperationError): void {
  const { signature, encryption, backupId } = manifest;
  if (signature === null) {
    if (needed) throw wrong('It is not signed.');
    return;
  }
  if (encryption !== null) keyOf(keys, encryption.keyId, backupId);
  if (!keyOf(keys, signature.keyId, backupId).verify(signedText(manifest), signature.value)) throw wrong(`Its signature by key ${signature.keyId} does not hold.`);
}

async function contentOf(store: ObjectStore, name: string, wrong: (what: string) => OperationError): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of store.get(name)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw wrong('It is far too long.');
  }
  return Buffer.concat(pieces, bytes);
}
