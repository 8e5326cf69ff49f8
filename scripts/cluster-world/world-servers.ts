import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { postgresFolders } from '../../config/program-folders.ts';
import { slotNameOf } from '../../domain/cluster/slots.ts';
import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { conninfo, quoteIdent, quoteLiteral } from '../../postgres/quoting.ts';
import { freePort } from '../../programs/ports.ts';
import { createCluster, type PostgresCluster, type SettingValue } from '../../programs/postgres-cluster.ts';
import { findInstallations, programPath, type PostgresInstallation } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import { giveTo, serverAccount } from '../../programs/server-account.ts';
import { startOnNode } from './start-on-node.ts';
import { mountWalDisk, moveWal } from './wal-disks.ts';
import type { WorldNetwork } from './world-network.ts';

/** A server of a world, as an operator would have made it by hand. */
export interface WorldNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly binDir: string;
  /** Log of the server. */
  readonly log: string;
  readonly cluster: PostgresCluster;
}

export const LOGINS = ['superuser', 'replication', 'application'] as const;
export type WorldLogin = (typeof LOGINS)[number];
export const USERS: Readonly<Record<WorldLogin, string>> = { superuser: 'postgres', replication: 'replicator', application: 'app' };
/** The database of the application. */
export const APPLICATION_DATABASE = 'app';

export interface ServersWish {
  readonly folder: (part: string) => string;
  readonly network: WorldNetwork;
  readonly nodes: readonly string[];
  readonly major: number;
  /** Of every server. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly passwords: Readonly<Record<WorldLogin, Secret>>;
  /** Whether commits are flushed. Tests kill processes, never the machine, and what a killed process has written stays. */
  readonly durable: boolean;
  /** pg_wal lies on a disk of its own, of so many megabytes. */
  readonly walDiskMegabytes?: number | undefined;
}

export const newPasswords = (): Readonly<Record<WorldLogin, Secret>> => ({ superuser: newPassword(), replication: newPassword(), application: newPassword() });

const newPassword = (): Secret => new Secret(randomBytes(12).toString('hex'));

const SETTINGS: Readonly<Record<string, SettingValue>> = { wal_level: 'replica', wal_log_hints: true, max_wal_senders: 10, max_replication_slots: 10, wal_keep_size: '64MB', max_connections: 60, shared_buffers: '32MB', wal_retrieve_retry_interval: '100ms', max_prepared_transactions: 5 };

/** Where a node will live; nothing is made yet. */
export async function planNode({ folder, network, major, walDiskMegabytes }: ServersWish, name: string): Promise<WorldNode> {
  const place = folder(name);
  const installation = await wholeInstallation(major);
  const account = await serverAccount();
  const [port, dataDir, log] = [await freePort(), join(place, 'data'), join(place, 'server.log')];
  const cluster: PostgresCluster = { name, installation, dataDir, port, logFile: log, ...(account === undefined ? {} : { account }) };
  await mkdir(place, { recursive: true });
  await giveTo(account, place);
  await writeFile(join(place, 'cluster.json'), JSON.stringify(cluster));
  const node: WorldNode = { name, host: network.host(name), port, dataDir, binDir: installation.binDir, log, cluster };
  if (walDiskMegabytes !== undefined) await mountWalDisk(node, walDiskMegabytes);
  return node;
}

/** A cluster needs pg_basebackup and pg_rewind beside the server. */
async function wholeInstallation(major: number): Promise<PostgresInstallation> {
  const found = await findInstallations(postgresFolders());
  const whole = found.find((one) => one.major === major && (['initdb', 'postgres', 'pg_ctl', 'pg_rewind', 'pg_basebackup'] as const).every((program) => one.programs.includes(program)));
  if (whole === undefined) throw new OperationError('program_missing', `there is no PostgreSQL ${major} with pg_rewind and pg_basebackup`, { hint: 'Install postgresql-<major>, or list its bin folder in PGCONVOY_PG_BIN.' });
  return whole;
}

/** The first primary, with the roles and the application's database, and standbys that stream from it by slots. */
export async function buildServers(wish: ServersWish, nodes: readonly WorldNode[]): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  await buildPrimary(wish, first);
  await prepareFor(wish, first, others);
  await Promise.all(others.map((node) => buildStandby(wish, first, node)));
}

async function buildPrimary({ network, settings, passwords, durable, nodes, walDiskMegabytes }: ServersWish, node: WorldNode): Promise<void> {
  const nets = [...new Set([...network.trusted, ...nodes.map((name) => `${network.host(name)}/32`)])];
  await createCluster({
    ...node.cluster, superuser: USERS.superuser, password: passwords.superuser, noSync: true,
    settings: { ...SETTINGS, ...(durable ? {} : { fsync: false, full_page_writes: true }), listen_addresses: [...new Set(['127.0.0.1', node.host])].join(','), ...settings },
    hba: nets.flatMap((net) => ['all', 'replication'].map((database) => `host ${database} all ${net} scram-sha-256`)),
  });
  if (walDiskMegabytes !== undefined) await moveWal(node);
  await startOnNode(network, node.cluster);
}

async function prepareFor({ passwords }: ServersWish, primary: WorldNode, standbys: readonly WorldNode[]): Promise<void> {
  await using session = await connect(superuserOf(primary, passwords), { purpose: 'world' });
  await session.execute(`CREATE ROLE ${quoteIdent(USERS.replication)} LOGIN REPLICATION PASSWORD ${quoteLiteral(passwords.replication.reveal())}`);
  await session.execute(`CREATE ROLE ${quoteIdent(USERS.application)} LOGIN PASSWORD ${quoteLiteral(passwords.application.reveal())}`);
  await session.execute(`CREATE DATABASE ${APPLICATION_DATABASE} OWNER ${quoteIdent(USERS.application)}`);
  for (const { name } of standbys) await session.execute(`SELECT pg_create_physical_replication_slot(${quoteLiteral(slotNameOf(name))}, true)`);
}

async function buildStandby({ network, passwords, walDiskMegabytes }: ServersWish, primary: WorldNode, node: WorldNode): Promise<void> {
  const { account, installation } = node.cluster;
  await runProgram({
    program: programPath(installation, 'pg_basebackup'),
    args: ['--pgdata', node.dataDir, '--checkpoint=fast', '--no-sync', '--host', primary.host, '--port', String(primary.port), '--username', USERS.replication, '--slot', slotNameOf(node.name)],
    env: { PGPASSWORD: passwords.replication.reveal() },
    account,
  });
  const passfile = join(node.dataDir, '..', 'replication.pgpass');
  await writeFile(passfile, `*:*:*:${USERS.replication}:${passwords.replication.reveal()}\n`, { mode: 0o600 });
  await giveTo(account, passfile);
  const from = conninfo({ host: primary.host, port: primary.port, user: USERS.replication, passfile, application_name: node.name });
  // Of two lines for one setting the later one counts.
  await appendFile(join(node.dataDir, 'pgconvoy.conf'), [`port = ${node.port}`, `listen_addresses = '${[...new Set(['127.0.0.1', node.host])].join(',')}'`, ''].join('\n'));
  await appendFile(join(node.dataDir, 'postgresql.auto.conf'), [`primary_conninfo = '${from.replaceAll("'", "''")}'`, `primary_slot_name = '${slotNameOf(node.name)}'`, ''].join('\n'));
  for (const [file, text] of [[join(node.dataDir, 'standby.signal'), ''], [node.log, '']] as const) {
    await writeFile(file, text, { mode: 0o600 });
    await giveTo(account, file);
  }
  if (walDiskMegabytes !== undefined) await moveWal(node);
  await startOnNode(network, node.cluster);
}

export const superuserOf = (node: WorldNode, passwords: ServersWish['passwords']): ServerAddress => ({ name: node.name, host: node.host, port: node.port, user: USERS.superuser, password: passwords.superuser, maintenanceDatabase: 'postgres', tls: { mode: 'disable' } });
