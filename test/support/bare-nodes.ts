import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';

import type { AgentFacts } from '../../agent/agent-journal.ts';
import type { NodeAgent, NodeOrder } from '../../agent/node-agent.ts';
import { clusterSchema } from '../../config/cluster-schema.ts';
import type { Inventory } from '../../config/inventory-schema.ts';
import { postgresFolders } from '../../config/program-folders.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { type Epoch, epochOf } from '../../domain/cluster/epoch.ts';
import type { AgentReport } from '../../domain/cluster/node-facts.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { readLogPlace } from '../../postgres/cluster/timeline.ts';
import { serverProcesses } from '../../programs/cluster/server-processes.ts';
import { hasStandbySignal } from '../../programs/cluster/standby-signal.ts';
import { freePort } from '../../programs/ports.ts';
import type { PostgresCluster } from '../../programs/postgres-cluster.ts';
import { findInstallations, pickNodeServer } from '../../programs/postgres-installations.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { endCluster } from './run-folder.ts';
import { uniqueName } from './unique-name.ts';

/** A node of a cluster whose steps are called directly: no process, no Temporal, no catalog. */
export interface BareNode {
  readonly agent: NodeAgent;
  readonly server: PostgresCluster;
  readonly address: ServerAddress;
  /** A superuser's session, which the caller closes. */
  session(): Promise<Session>;
}

export interface BareNodes extends AsyncDisposable {
  readonly nodes: Readonly<Record<string, BareNode>>;
  node(name: string): BareNode;
  order(operation?: string): NodeOrder;
}

export interface BareNodesWish {
  readonly names?: readonly string[];
  readonly major?: number;
  /** Of the cluster's entry in the inventory. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Of single nodes. */
  readonly nodes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const SETTINGS = { shared_buffers: '16MB', max_connections: 40, fsync: false, log_min_messages: 'warning', wal_keep_size: '0' };

export async function bareNodes({ names = ['n1', 'n2'], major = 18, entry = {}, nodes: wishes = {} }: BareNodesWish = {}): Promise<BareNodes> {
  const account = await serverAccount();
  const { installation } = pickNodeServer(await findInstallations(postgresFolders()), major);
  const passwords = { superuser: new Secret(randomBytes(9).toString('hex')), replication: new Secret(`it's ${randomBytes(9).toString('hex')}:\\`) };
  const places = await Promise.all(names.map(async (name) => ({ name, port: await freePort(), folder: join(inject('runFolder'), uniqueName(`node-${name}`)) })));
  const { settings = {}, ...rest } = entry;
  const cluster = clusterSchema.parse({
    nodes: Object.fromEntries(places.map((place) => [place.name, { host: '127.0.0.1', port: place.port, dataDir: join(place.folder, 'data'), machine: place.name, ...wishes[place.name] }])),
    superuser: { user: 'postgres' },
    replication: { user: 'replicator' },
    settings: { ...SETTINGS, ...(settings as object) },
    ...rest,
  });
  const plan = planOfCluster({ clusters: { bed: cluster } } as unknown as Inventory, 'bed');
  const made: Record<string, BareNode> = {};
  const addresses: Record<string, ServerAddress> = Object.fromEntries(places.map(({ name, port }) => [name, { name, host: '127.0.0.1', port, user: 'postgres', password: passwords.superuser, maintenanceDatabase: 'postgres', tls: { mode: 'disable' } }]));
  for (const place of places) {
    const stateDir = join(place.folder, 'state');
    await mkdir(stateDir, { recursive: true });
    const server: PostgresCluster = { name: place.name, installation, dataDir: join(place.folder, 'data'), port: place.port, logFile: join(place.folder, 'server.log'), ...(account ? { account } : {}) };
    await writeFile(join(place.folder, 'cluster.json'), JSON.stringify(server));
    made[place.name] = { server, address: addresses[place.name]!, session: () => connect(addresses[place.name]!, { purpose: 'test' }), agent: bareAgent({ name: place.name, server, stateDir, plan, addresses, replication: passwords.replication }) };
  }
  let operations = 0;
  return {
    nodes: made,
    node: (name) => made[name]!,
    order: (operation) => ({ cluster: 'bed', epoch: epochOf(1), operation: operation ?? `op${(operations += 1)}` }),
    [Symbol.asyncDispose]: async () => {
      for (const { agent, server } of Object.values(made)) {
        await (agent as BareAgent).close();
        await endCluster(server);
        await rm(dirname(server.dataDir), { recursive: true, force: true });
      }
    },
  };
}

interface BareAgent extends NodeAgent {
  close(): Promise<void>;
}

interface AgentWish {
  readonly name: string;
  readonly server: PostgresCluster;
  readonly stateDir: string;
  readonly plan: ReturnType<typeof planOfCluster>;
  readonly addresses: Readonly<Record<string, ServerAddress>>;
  readonly replication: Secret;
}

function bareAgent({ name, server, stateDir, plan, addresses, replication }: AgentWish): BareAgent {
  let facts: AgentFacts = { epoch: null, destructiveStep: null, rewriteEnded: false, selfFencedAt: null, window: null };
  let kept: Session | undefined;
  const session = async (): Promise<Session> => {
    if (kept === undefined || kept.lost) kept = await connect(addresses[name]!, { purpose: 'agent' });
    return kept;
  };
  return {
    cluster: 'bed',
    node: name,
    plan: () => plan,
    self: () => plan.nodes.find((node) => node.name === name)!,
    server: () => Promise.resolve(server),
    address: (node) => addresses[node]!,
    replicationPassword: () => replication,
    applicationPassword: () => undefined,
    stateDir,
    journal: { facts: () => facts, keep: (change) => Promise.resolve(void (facts = { ...facts, ...change })) },
    session,
    look: () => Promise.resolve({ node: name, epoch: 1 as Epoch, destructiveStep: facts.destructiveStep, tombstone: hasStandbySignal(server), process: { postmaster: 'running', children: serverProcesses(server.dataDir).length } } as AgentReport),
    history: async () => await session().then(readLogPlace).then(({ history }) => history).catch(() => null),
    obey: async (_order, _name, work) => await work(new AbortController().signal),
    expectStop: () => ({ [Symbol.dispose]: () => undefined }),
    close: async () => await kept?.close(),
  };
}
