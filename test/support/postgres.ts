import { join } from 'node:path';
import { inject } from 'vitest';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { addressOf, makeCluster, type ClusterFacts } from './cluster.ts';
import { dropDatabase } from './drop-database.ts';
import { oncePerRun } from './run-folder.ts';
import { uniqueName } from './unique-name.ts';

/** Generous numbers: many databases with slots and subscriptions share one server. No test asks whether a disk flushes. */
const SHARED_SETTINGS = {
  wal_level: 'logical',
  max_connections: 200,
  max_wal_senders: 40,
  max_replication_slots: 40,
  max_logical_replication_workers: 30,
  max_worker_processes: 60,
  max_prepared_transactions: 10,
  fsync: false,
  synchronous_commit: false,
  full_page_writes: false,
  shared_buffers: '64MB',
} as const;

/**
 * The server of a major that all tests of this run share, started when first asked for. `TEST_PG_<major>` (a postgres://
 * URL of a superuser) names one that runs already. Errors: `program_missing` when that major is not installed.
 */
export async function testServer(major: number): Promise<ServerAddress> {
  const running = process.env[`TEST_PG_${major}`];
  if (running) return addressOfUrl(`pg${major}`, running);
  const folder = join(inject('runFolder'), `postgres-${major}`);
  const facts = await oncePerRun(join(folder, 'facts.json'), () => startShared(major, folder));
  return addressOf(`pg${major}`, facts);
}

async function startShared(major: number, folder: string): Promise<ClusterFacts> {
  const { facts, start } = await makeCluster({ name: `pg${major}`, major, folder, settings: SHARED_SETTINGS });
  await start();
  return facts;
}

function addressOfUrl(name: string, text: string): ServerAddress {
  const url = new URL(text);
  return {
    name,
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: new Secret(decodeURIComponent(url.password)),
    maintenanceDatabase: url.pathname.slice(1) || 'postgres',
    tls: { mode: 'prefer' },
  };
}

/** A database of a test's own. `await using` drops it. */
export interface FreshDatabase extends AsyncDisposable {
  readonly server: ServerAddress;
  readonly name: string;
  /** A session in it, which the caller closes (or `await using`). */
  session(): Promise<Session>;
  /** Drops it whatever still hangs on it: subscriptions, walsenders, slots, sessions, a fence. */
  drop(): Promise<void>;
}

/** Creates an empty database, or a copy of another one. */
export async function freshDatabase(server: ServerAddress, options: { template?: string } = {}): Promise<FreshDatabase> {
  const name = uniqueName('t');
  await using session = await connect(server, { purpose: 'test' });
  await session.execute(`CREATE DATABASE ${quoteIdent(name)} TEMPLATE ${quoteIdent(options.template ?? 'template0')}`);
  const drop = (): Promise<void> => dropDatabase(server, name);
  return {
    server,
    name,
    session: () => connect(server, { purpose: 'test', database: name }),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}
