import { hash } from 'node:crypto';

import { type BackupManifest, MANIFEST_NAME } from '../../domain/backup/manifest.ts';
import { manifestProblems } from '../../domain/backup/check-manifest.ts';
import { canonicalJson, toJson } from '../../domain/canonical-json.ts';
import { OperationError } from '../../domain/errors.ts';
import type { ObjectStore } from '../object-store.ts';
import type { BackupKey } from './key.ts';
import { signedText } from './signed-text.ts';

/**
 * Writes the object that makes all the others a backup; it has to be the last. Before, it looks that the store has every
 * file at its full length. Without a key it is not signed.
 *
 * Errors: `object_exists` when there is a manifest already, `store_failed` when a file is not as it was committed.
 */
export async function writeManifest(store: ObjectStore, prefix: string, content: Omit<BackupManifest, 'signature'>, key: BackupKey | undefined): Promise<{ manifest: BackupManifest; sha256: string }> {
  const signature = key === undefined ? null : { algorithm: 'Ed25519' as const, keyId: key.keyId, value: key.sign(signedText(content)) };
  const manifest: BackupManifest = { ...content, signature };
  const problems = manifestProblems(toJson(manifest), { backupId: content.backupId, prefix });
  if (problems.length > 0) throw new OperationError('bug', `the manifest of backup ${content.backupId} cannot be written: ${problems[0]}`);
  await checkFiles(store, prefix, manifest);
  const text = canonicalJson(toJson(manifest));
  await store.put({ name: prefix + MANIFEST_NAME, content: onePiece(text) });
  return { manifest, sha256: hash('sha256', text) };
}

/** By one listing: a request for each of thousands of files would take minutes. */
async function checkFiles(store: ObjectStore, prefix: string, { files }: BackupManifest): Promise<void> {
  const found = new Map<string, number>();
  for await (const { name, bytes } of store.list(`${prefix}files/`)) found.set(name, bytes);
  for (const { object, bytes } of files) {
    const stored = found.get(prefix + object);
    if (stored !== bytes) throw new OperationError('store_failed', `object ${prefix}${object} is not in the store as it was committed`, { detail: `It has ${stored ?? 'no'} bytes; ${bytes} were committed.` });
  }
}

async function* onePiece(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
