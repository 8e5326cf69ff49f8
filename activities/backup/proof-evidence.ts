import { canonicalJson, type Json, toJson } from '../../domain/canonical-json.ts';
import type { BackupKey } from '../../storage/archive/key.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

export const PROOF_FORMAT = 'pgconvoy-proof/1';

/** What a proof found, as it is kept: in the catalog, and beside the backup in the store. */
export interface ProofEvidence {
  readonly format: typeof PROOF_FORMAT;
  readonly backupId: string;
  readonly runId: string;
  readonly policy: string | null;
  readonly server: string;
  readonly database: string;
  readonly manifestSha256: string | null;
  readonly verdict: 'proven' | 'rejected';
  /** Every one: what, what was expected, what was found. */
  readonly reasons: readonly string[];
  /** ISO 8601, UTC, of the worker's clock. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** `local`, or the name of the server, and its version. */
  readonly where: string;
  readonly serverVersion: string | null;
  /** By part. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly largeObjects: number;
  readonly objects: readonly { readonly kind: string; readonly wanted: number; readonly found: number }[];
  /** Null: the server has no amcheck, or the policy wants none. */
  readonly structures: number | null;
  readonly smoke: readonly { readonly name: string; readonly expected: string; readonly found: string | null }[];
  /** What was different from the source on purpose. */
  readonly notes: readonly string[];
}

export interface KeptEvidence {
  readonly name: string;
  readonly signature: string | null;
}

/** Signs the evidence and puts it into the store, beside the folder of the backup: what proves it must outlive it. */
export async function keepEvidence(store: ObjectStore, prefix: string, evidence: ProofEvidence, key: BackupKey | undefined): Promise<KeptEvidence> {
  const content = toJson(evidence);
  const signature = key === undefined ? null : key.sign(canonicalJson(content));
  const signed: Json = { evidence: content, signature: key === undefined ? null : { algorithm: 'Ed25519', keyId: key.keyId, value: signature } };
  const name = `${besides(prefix)}proofs/${evidence.backupId}/${evidence.finishedAt.replaceAll(/[-:]|\.\d+/g, '')}-${evidence.runId}.json`;
  await store.delete(name); // of an attempt that ended in the same second and could not say so
  await store.put({ name, content: once(Buffer.from(canonicalJson(signed))) });
  return { name, signature };
}

const besides = (prefix: string): string => prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);

async function* once(content: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(content);
}
