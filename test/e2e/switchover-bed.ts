import { listNodes } from '../../catalog/cluster/nodes.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import type { ClusterBed } from '../support/cluster-bed.ts';

const DATABASE = 'app';

/** Where the application dials, with its table made on the primary. */
export async function applicationOf(bed: ClusterBed): Promise<{ places: ServerAddress[]; database: string }> {
  const primary = (await listNodes(bed.catalog, bed.cluster)).find(({ declaration }) => declaration.role === 'primary')!.declaration.name;
  const places = bed.nodes.map((node): ServerAddress => ({ name: node.name, host: node.host, port: node.port, user: 'app', password: bed.passwords.application, maintenanceDatabase: DATABASE, tls: { mode: 'disable' } }));
  await using session = await connect({ ...places.find(({ name }) => name === primary)!, user: 'postgres', password: bed.passwords.superuser }, { purpose: 'test', database: DATABASE });
  await session.execute('CREATE TABLE IF NOT EXISTS public.written (writer integer, number integer, PRIMARY KEY (writer, number)); GRANT ALL ON public.written TO app');
  return { places, database: DATABASE };
}

/** Acknowledged rows that are not there. */
export async function lostOf(bed: ClusterBed, node: string, acknowledged: readonly string[]): Promise<string[]> {
  await using session = await connect((await sessionAddress(bed, node)), { purpose: 'test', database: DATABASE });
  const there = new Set((await session.rows<{ row: string }>(`SELECT writer || '/' || number AS row FROM public.written`)).map(({ row }) => row));
  return acknowledged.filter((row) => !there.has(row));
}

const sessionAddress = async (bed: ClusterBed, node: string): Promise<ServerAddress> => {
  await using session = await bed.session(node);
  return session.server;
};

/** What each server is, by itself; those that are down are `down`. */
export async function rolesOf(bed: ClusterBed): Promise<Record<string, string>> {
  const ports = new Map(bed.nodes.map(({ port, name }) => [port, name]));
  const role = async (name: string): Promise<string> => {
    try {
      await using session = await bed.session(name);
      const { recovering, port } = await session.row<{ recovering: boolean; port: number | null }>(`SELECT pg_is_in_recovery() AS recovering, (SELECT sender_port FROM pg_stat_wal_receiver WHERE status = 'streaming') AS port`);
      return recovering ? `standby of ${port === null ? 'nobody' : ports.get(port)}` : 'primary';
    } catch {
      return 'down';
    }
  };
  return Object.fromEntries(await Promise.all(bed.nodes.map(async ({ name }) => [name, await role(name)] as const)));
}

export const primaryIn = (roles: Readonly<Record<string, string>>): string | undefined => Object.keys(roles).find((name) => roles[name] === 'primary');
