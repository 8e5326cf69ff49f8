import { realpath } from 'node:fs/promises';

import type { ClusterNode } from '../domain/cluster/cluster.ts';
import type { ServerAddress } from '../domain/server.ts';
import type { Session } from '../postgres/connection.ts';
import { KeptSession } from './kept-session.ts';

export interface OwnServerParts {
  readonly self: () => ClusterNode;
  readonly address: () => ServerAddress;
  readonly purpose: string;
  readonly patienceMs: number;
}

/**
 * A superuser's session to the server of this machine: by its socket or over loopback, which work while the network is cut, else by its own address. Who
 * answers is asked for its data directory, because loopback may lead to another server.
 */
export function ownServer({ self, address, purpose, patienceMs }: OwnServerParts): KeptSession {
  const places = (): readonly ServerAddress[] => {
    const { host, socketDir } = self();
    return [...new Set([...(socketDir === null ? [] : [socketDir]), '127.0.0.1', host])].map((place) => ({ ...address(), host: place, ...(place === socketDir ? { tls: { mode: 'disable' } as const } : {}) }));
  };
  return new KeptSession({ places, purpose, patienceMs, greet: async (session) => (await isAt(session, self().dataDir)) && (await waitForNobody(session)) });
}

async function isAt(session: Session, dataDir: string | null): Promise<boolean> {
  const { folder } = await session.row<{ folder: string }>(`SELECT pg_catalog.current_setting('data_directory') AS folder`);
  const [there, here] = await Promise.all([folder, dataDir ?? ''].map((path) => realpath(path).catch(() => path)));
  return there === here;
}

/** The agent's own statements never wait for a standby: it has to be able to act when there is none. */
async function waitForNobody(session: Session): Promise<boolean> {
  await session.execute('SET synchronous_commit = local');
  return true;
}
