import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ClusterNode } from '../domain/cluster/cluster.ts';
import { OperationError } from '../domain/errors.ts';
import type { PostgresCluster } from '../programs/postgres-cluster.ts';
import type { PostgresInstallation } from '../programs/postgres-installations.ts';
import { serverAccount } from '../programs/server-account.ts';

export interface LocalServerParts {
  readonly self: () => ClusterNode;
  /** Wanted for a data directory that is not there yet. */
  readonly major: () => number | null;
  readonly installation: (major: number | null, binDir: string | null) => Promise<PostgresInstallation>;
}

/** The server of a node on this machine; its programs are those of the major its data directory has. They are looked for once. */
export function localServer({ self, major, installation }: LocalServerParts): () => Promise<PostgresCluster> {
  const found = new Map<string, Promise<PostgresInstallation>>();
  const account = serverAccount();
  return async () => {
    const { name, dataDir, binDir, port } = self();
    if (dataDir === null) throw new OperationError('name_unknown', `node "${name}" is a witness and has no server`, { context: { kind: 'node', name } });
    const wanted = (await majorOf(dataDir)) ?? major();
    const key = `${wanted} ${binDir}`;
    if (!found.has(key)) found.set(key, installation(wanted, binDir).catch((error: unknown) => {
      found.delete(key);
      throw error;
    }));
    const who = await account;
    return { name, installation: await found.get(key)!, dataDir, port, logFile: `${dataDir}.log`, ...(who === undefined ? {} : { account: who }) };
  };
}

async function majorOf(dataDir: string): Promise<number | null> {
  const text = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => '');
  return text === '' ? null : Number.parseInt(text, 10);
}
