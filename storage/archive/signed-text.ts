import type { BackupManifest } from '../../domain/backup/manifest.ts';
import { canonicalJson, toJson } from '../../domain/canonical-json.ts';

/** What the signature of a manifest is over: all fields but itself, as canonical JSON. */
export function signedText(manifest: Omit<BackupManifest, 'signature'> & { readonly signature?: unknown }): string {
  const { signature: _, ...signed } = manifest;
  return canonicalJson(toJson(signed));
}
