import type { Secret } from '../../domain/secret.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { readIfThere, writeDurably } from './durable-file.ts';

/** Beside the data directory and never in it: a base backup would carry it away. */
export const passfileOf = ({ dataDir }: Pick<PostgresCluster, 'dataDir'>): string => `${dataDir.replace(/\/+$/, '')}.pgconvoy-passfile`;

export interface PassEntry {
  readonly user: string;
  readonly password: Secret;
}

/** Writes the passwords that a server receives with, for its account alone. Written only when they are not what is there already. */
export async function writePassfile(cluster: PostgresCluster, entries: readonly PassEntry[]): Promise<string> {
  const path = passfileOf(cluster);
  const text = entries.map(({ user, password }) => `*:*:*:${escape(user)}:${escape(password.reveal())}\n`).join('');
  if ((await readIfThere(path)) !== text) await writeDurably(path, text, cluster.account);
  return path;
}

/** https://www.postgresql.org/docs/current/libpq-pgpass.html */
const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
