import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { OperationError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';

/** A reference and the place it stands at, for messages. */
export interface SecretReference {
  /** `env:NAME` or `file:path`; a relative path starts at the inventory's folder. */
  readonly reference: string;
  /** For example `servers.shop-old.password`. */
  readonly path: string;
}

/** The value behind a reference. Throws `secret_missing`, which names the reference and where it stands. */
export function resolveSecret({ reference, path }: SecretReference, baseDir: string): Secret {
  const [kind, rest] = split(reference);
  if (kind === 'file') return new Secret(readSecretFile(resolve(baseDir, rest), { reference, path }));
  const value = process.env[rest];
  if (value) return new Secret(value);
  throw missing({ reference, path }, `The environment variable ${rest} is ${value === undefined ? 'not set' : 'empty'}.`);
}

/** Why a reference would not resolve, or should not be trusted, on this machine. */
export function secretProblem(reference: SecretReference, baseDir: string): string | undefined {
  try {
    resolveSecret(reference, baseDir);
  } catch (error) {
    return (error as OperationError).detail;
  }
  const [kind, rest] = split(reference.reference);
  if (kind !== 'file' || process.platform === 'win32') return undefined;
  const mode = statSync(resolve(baseDir, rest)).mode & 0o077;
  return mode === 0 ? undefined : `The file can be read by others: run \`chmod 600 ${rest}\`.`;
}

function readSecretFile(file: string, reference: SecretReference): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw missing(reference, `The file ${file} could not be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const value = text.replace(/\r?\n$/, ''); // editors end a file with a newline, passwords do not
  if (value === '') throw missing(reference, `The file ${file} is empty.`);
  return value;
}

function split(reference: string): ['env' | 'file', string] {
  const colon = reference.indexOf(':');
  const kind = reference.slice(0, colon);
  if (kind === 'env' || kind === 'file') return [kind, reference.slice(colon + 1)];
  throw new OperationError('bug', 'a secret reference begins neither with env: nor with file:');
}

const missing = ({ reference, path }: SecretReference, detail: string): OperationError =>
  new OperationError('secret_missing', `secret ${reference} of ${path} could not be resolved`, { detail, context: { reference, path } });
