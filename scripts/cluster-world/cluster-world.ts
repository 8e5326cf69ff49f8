import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { claimPromotion, reserveEpoch } from '../../catalog/cluster/epochs.ts';
import { recordCluster, registerNode } from '../../catalog/cluster/nodes.ts';
import { type Catalog, openCatalog } from '../../catalog/open-catalog.ts';
import { loadInventory } from '../../config/inventory.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { detachedPid, stopDetached } from '../../programs/detached-process.ts';
import type { PostgresCluster, SettingValue } from '../../programs/postgres-cluster.ts';
import { killCluster, stopCluster } from '../../programs/postgres-control.ts';
import { startTemporalServer } from '../../programs/temporal-server.ts';
import { namespaceNetwork } from './namespace-network.ts';
import { unmountWalDisk } from './wal-disks.ts';
import { freezeServer, type KillKind, killServer } from './world-faults.ts';
import { type EntryWish, merge, writeWorldInventory } from './world-inventory.ts';
import { type CutKind, portsNetwork, type WorldNetwork } from './world-network.ts';
import { startWorldPooler } from './world-pooler.ts';
import { type ProbeWish, startWorldProbe, type WorldProbe } from './world-probe.ts';
import { startWorldProcess, type WorldProcess } from './world-process.ts';
import { buildServers, newPasswords, planNode, type ServersWish, superuserOf, type WorldNode } from './world-servers.ts';
import { planWorldTemporal, startWorldCatalog } from './world-services.ts';

export interface WorldWish {
  /** Folder of a part of the world; a file in it, `cluster.json` or `process.json`, is the way to end it whoever started it. */
  readonly folder: (part: string) => string;
  /** Default 3: n1 is primary, n2 and so on stream from it. */
  readonly nodes?: number;
  readonly network?: 'ports' | 'namespaces';
  readonly major?: number;
  /** Fields of the cluster's entry in the inventory, over those of the world. */
  readonly entry?: EntryWish;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly durable?: boolean;
  /** pg_wal of each node lies on a disk of its own, of so many megabytes. Root only. */
  readonly walDiskMegabytes?: number;
  /** False: an inventory and nothing else, for `cluster init`. */
  readonly built?: boolean;
  readonly ui?: boolean;
  /** The application comes in by a PgBouncer, which is the route of the cluster. */
  readonly pooler?: boolean;
  /** For agents and workers. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A cluster by hand with all that its agents need; none of them is started yet. */
export interface ClusterWorld extends AsyncDisposable {
  readonly cluster: string;
  readonly inventory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly temporalAddress: string;
  readonly client: Client;
  readonly catalog: Catalog;
  readonly nodes: readonly WorldNode[];
  readonly network: WorldNetwork;
  readonly passwords: ServersWish['passwords'];
  node(name: string): WorldNode;
  /** As the superuser. */
  session(name: string): Promise<Session>;
  startAgent(name: string): Promise<WorldProcess>;
  agent(name: string): WorldProcess | undefined;
  killAgent(name: string): Promise<void>;
  startWorker(): Promise<WorldProcess>;
  killWorker(): Promise<void>;
  killTemporal(): Promise<void>;
  startTemporal(): Promise<void>;
  kill(name: string, kind: KillKind): Promise<void>;
  /** SIGSTOP of the server and of the agent beside it, as when a virtual machine is frozen; `server`: of the server alone. */
  freeze(name: string, what?: 'machine' | 'server'): Promise<void>;
  thaw(name: string): Promise<void>;
  cut(name: string, by?: CutKind): Promise<void>;
  heal(name: string): Promise<void>;
  /** Writers and readers through the application's route. */
  writers(wish?: ProbeWish): Promise<WorldProbe>;
  /** Closes our own connections and leaves everything running; files in its folders are the way to end it. */
  detach(): Promise<void>;
}

export const CLUSTER = 'main';

export async function openClusterWorld(wish: WorldWish): Promise<ClusterWorld> {
  await using made = new AsyncDisposableStack();
  const names = Array.from({ length: wish.nodes ?? 3 }, (_, index) => `n${index + 1}`);
  const network = made.use(wish.network === 'namespaces' ? await namespaceNetwork(names) : portsNetwork());
  const passwords = newPasswords();
  const servers: ServersWish = { folder: wish.folder, network, nodes: names, major: wish.major ?? 18, settings: wish.settings ?? {}, passwords, durable: wish.durable ?? false, walDiskMegabytes: wish.walDiskMegabytes };
  const nodes = await Promise.all(names.map((name) => planNode(servers, name)));
  made.defer(() => Promise.all(nodes.map(async (node) => {
    await endServer(node.cluster);
    if (wish.walDiskMegabytes !== undefined) await unmountWalDisk(node);
  })).then(() => undefined));
  const inventoryFolder = wish.folder('world');
  await mkdir(inventoryFolder, { recursive: true });
  const pooled = wish.pooler === true ? { route: await startWorldPooler({ folder: wish.folder('pooler'), network, primary: nodes[0]!, passwords }) } : {};
  made.defer(async () => void (await stopDetached(join(wish.folder('pooler'), 'process.json'))));
  const inventory = await writeWorldInventory({ folder: inventoryFolder, cluster: CLUSTER, nodes, network, passwords, entry: merge(pooled, wish.entry ?? {}) });
  const temporal = await planWorldTemporal({ folder: wish.folder, network, ui: wish.ui ?? false });
  const [catalogPlace, { address }] = await Promise.all([startWorldCatalog({ folder: wish.folder, network }), startTemporalServer(temporal), wish.built === false ? undefined : buildServers(servers, nodes)]);
  made.defer(() => Promise.all([stopDetached(temporal.pidFile), endServer(catalogPlace.cluster)]).then(() => undefined));
  const catalog = made.use(await openCatalog(catalogPlace.server, catalogPlace.database));
  const connection = await Connection.connect({ address });
  made.defer(() => connection.close());
  const env = { TEMPORAL_ADDRESS: address, PGCONVOY_CATALOG: catalogPlace.url, PGCONVOY_STATE: join(inventoryFolder, 'state'), PGCONVOY_LOG_LEVEL: 'info', PGCONVOY_INVENTORY: inventory, ...wish.env };
  if (wish.built !== false) await registerWorld({ catalog, inventory, nodes, passwords });
  const parts = made.move();
  const running = new Map<string, WorldProcess>();
  const thaws = new Map<string, () => void>();
  const node = (name: string): WorldNode => nodes.find((one) => one.name === name) ?? raise(name);
  const end = async (name: string): Promise<void> => {
    await running.get(name)?.kill();
    running.delete(name);
  };
  const start = async (name: string, role: string, on?: (words: readonly string[]) => readonly string[]): Promise<WorldProcess> => {
    const process = await startWorldProcess({ folder: wish.folder(name), role, inventory, env, ...(on === undefined ? {} : { on }) });
    running.set(name, process);
    return process;
  };
  parts.defer(async () => {
    for (const thaw of thaws.values()) thaw();
    await Promise.all([...running.keys()].map(end));
  });
  return {
    cluster: CLUSTER, inventory, env, temporalAddress: address, client: new Client({ connection }), catalog, nodes, network, passwords, node,
    session: (name) => connect(superuserOf(node(name), passwords), { purpose: 'world' }),
    startAgent: (name) => start(`agent-${name}`, `node:${name}`, (words) => network.on(name, words)),
    agent: (name) => running.get(`agent-${name}`),
    killAgent: (name) => end(`agent-${name}`),
    startWorker: () => start('worker', 'control,data'),
    killWorker: () => end('worker'),
    killTemporal: () => killDetached(temporal.pidFile),
    startTemporal: async () => void (await startTemporalServer(temporal)),
    kill: (name, kind) => killServer(node(name).cluster, kind),
    freeze: async (name, what = 'machine') => {
      if (what === 'machine') running.get(`agent-${name}`)?.freeze();
      thaws.set(name, await freezeServer(node(name).cluster));
    },
    thaw: (name) => {
      thaws.get(name)?.();
      running.get(`agent-${name}`)?.thaw();
      return Promise.resolve();
    },
    cut: (name, by = 'link') => network.cut(name, by),
    heal: (name) => network.heal(name),
    writers: (probe) => startWorldProbe({ inventory, cluster: CLUSTER }, probe),
    detach: async () => void (await Promise.all([catalog.close(), connection.close()])),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}

/** As `cluster register` leaves it: every node, and the first epoch, in which n1 was made the primary. */
async function registerWorld({ catalog, inventory, nodes, passwords }: { catalog: Catalog; inventory: string; nodes: readonly WorldNode[]; passwords: ServersWish['passwords'] }): Promise<void> {
  const [first] = nodes;
  if (first === undefined) return;
  await using session = await connect(superuserOf(first, passwords), { purpose: 'world' });
  const { id } = await session.row<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()');
  await recordCluster(catalog, CLUSTER, id);
  for (const declaration of planOfCluster(loadInventory(inventory), CLUSTER).nodes) {
    const { name, machine, location, priority, applicationName, applyDelayMs, upstream } = declaration;
    const isFirst = name === first.name;
    await registerNode(catalog, CLUSTER, { name, machine, location, priority, applicationName, applyDelayMs, role: isFirst ? 'primary' : 'standby', upstream: isFirst ? null : (upstream ?? first.name) });
  }
  const epoch = await reserveEpoch(catalog, CLUSTER, 'by-hand');
  await claimPromotion(catalog, CLUSTER, { epoch, operation: 'by-hand', node: first.name });
}

/** At once, and whatever state they are in. */
const endServer = (cluster: PostgresCluster): Promise<void> => stopCluster(cluster, 'immediate').catch(() => killCluster(cluster));

async function killDetached(pidFile: string): Promise<void> {
  const pid = await detachedPid(pidFile);
  if (pid === undefined) return;
  process.kill(pid, 'SIGKILL');
  while ((await detachedPid(pidFile)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
}

function raise(name: string): never {
  throw new Error(`there is no node ${name} in this world`);
}
