import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, hash, hkdfSync, randomBytes, sign, verify } from 'node:crypto';

import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import { DataKey } from './data-key.ts';

/** A key of the inventory: it wraps the keys of backups and signs their manifests, and encrypts no data itself. */
export interface BackupKey {
  /** 16 hex digits that tell keys apart and say nothing about the key. */
  readonly keyId: string;
  /** Base64 of nonce, ciphertext and tag. Opens only for the same backup. */
  readonly wrap: (dataKey: DataKey, backupId: string) => string;
  /** Error: `backup_damaged` when it was not wrapped by this key for this backup. */
  readonly unwrap: (wrapped: string, backupId: string) => DataKey;
  /** Ed25519, base64. */
  readonly sign: (text: string) => string;
  readonly verify: (text: string, signature: string) => boolean;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What stands before the 32 bytes of an Ed25519 seed in PKCS #8. https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** `secret`: 32 bytes in base64. Error: `backup_key_invalid`. */
export function openBackupKey(secret: Secret): BackupKey {
  const bytes = bytesOf(secret);
  const wrapping = derive(bytes, 'pgconvoy-wrapping');
  const signing = createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, derive(bytes, 'pgconvoy-signing')]), format: 'der', type: 'pkcs8' });
  const verifying = createPublicKey(signing);
  const keyId = hash('sha256', Buffer.concat([Buffer.from('pgconvoy-key-id:'), bytes])).slice(0, 16);
  return {
    keyId,
    wrap: (dataKey, backupId) => wrap(wrapping, dataKey, backupId),
    unwrap: (wrapped, backupId) => unwrap(wrapping, wrapped, backupId, keyId),
    sign: (text) => sign(null, Buffer.from(text), signing).toString('base64'),
    verify: (text, signature) => verify(null, Buffer.from(text), verifying, Buffer.from(signature, 'base64')),
  };
}

/** What `pgconvoy backup keygen` prints. */
export const newBackupKey = (): Secret => new Secret(randomBytes(KEY_BYTES).toString('base64'));

/** The key of an id among all that the inventory lists. Error: `backup_key_missing`. */
export function keyOf(keys: readonly BackupKey[], keyId: string, backupId: string): BackupKey {
  const found = keys.find((key) => key.keyId === keyId);
  if (found !== undefined) return found;
  throw new OperationError('backup_key_missing', `the key ${keyId} of backup ${backupId} is not in the inventory`, {
    detail: keys.length === 0 ? 'The inventory lists no key.' : `The inventory has ${keys.map((key) => key.keyId).join(', ')}.`,
    context: { keyId, backupId },
  });
}

const derive = (bytes: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', bytes, '', purpose, KEY_BYTES));

function bytesOf(secret: Secret): Buffer {
  const text = secret.reveal().trim();
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === KEY_BYTES && bytes.toString('base64') === text) return bytes;
  throw new OperationError('backup_key_invalid', 'the key for backups is not 32 bytes in base64', { detail: `It has ${text.length} characters; 44 are expected.` });
}

function wrap(key: Buffer, dataKey: DataKey, backupId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(backupId));
  return Buffer.concat([nonce, cipher.update(dataKey.reveal()), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function unwrap(key: Buffer, wrapped: string, backupId: string, keyId: string): DataKey {
  const bytes = Buffer.from(wrapped, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(backupId)).setAuthTag(bytes.subarray(-TAG_BYTES));
    const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    if (opened.length === KEY_BYTES) return new DataKey(opened);
  } catch {
    // whatever is wrong with it, it does not open
  }
  throw new OperationError('backup_damaged', `the data key of backup ${backupId} does not open with key ${keyId}`, { detail: 'It was changed, or belongs to another backup.', context: { backupId, keyId } });
}
