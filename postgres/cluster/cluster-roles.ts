import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

import type { Secret } from '../../domain/secret.ts';
import type { Session } from '../connection.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';

const ITERATIONS = 4096;

/** What the server keeps of a password, made here: a password in a statement would be in its log. RFC 5803; passwords are taken as they are (SASLprep left out), as servers do of ASCII. */
export function scramVerifier(password: Secret, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.reveal(), salt, ITERATIONS, 32, 'sha256');
  const mac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(mac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${mac('Server Key').toString('base64')}`;
}

export interface RoleWish {
  readonly name: string;
  readonly password: Secret | undefined;
  readonly replication: boolean;
}

/** Makes a role that may log in, or gives the one that is there the password. */
export async function ensureRole(session: Session, { name, password, replication }: RoleWish): Promise<void> {
  const there = await session.maybeRow('SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1', [name]);
  const options = `LOGIN${replication ? ' REPLICATION' : ''}${password === undefined ? '' : ` PASSWORD ${quoteLiteral(scramVerifier(password))}`}`;
  await session.execute(`${there === undefined ? 'CREATE' : 'ALTER'} ROLE ${quoteIdent(name)} ${options}`);
}

/** Makes the database of the application, if it is not there. */
export async function ensureDatabase(session: Session, name: string, owner: string | null): Promise<void> {
  if ((await session.maybeRow('SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1', [name])) !== undefined) return;
  await session.execute(`CREATE DATABASE ${quoteIdent(name)}${owner === null ? '' : ` OWNER ${quoteIdent(owner)}`}`);
}
