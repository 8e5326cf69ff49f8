import type { ClusterNode, ClusterPlan } from '../domain/cluster/cluster.ts';
import type { NodeDeclaration } from '../domain/cluster/node.ts';
import type { SynchronousPolicy } from '../domain/cluster/synchronous/recompute.ts';
import { parseDuration } from '../domain/durations.ts';
import { OperationError } from '../domain/errors.ts';
import type { Route } from '../domain/migration/plan.ts';
import type { Secret } from '../domain/secret.ts';
import type { ServerAddress } from '../domain/server.ts';
import { parseSize } from '../domain/sizes.ts';
import type { ClusterEntry, ClusterNodeEntry } from './cluster-schema.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory, RouteEntry } from './inventory-schema.ts';
import { resolveSecret } from './secrets.ts';

/** A follower that has not replied for so long counts as frozen. */
const SENDER_SILENCE_MS = 2000;

/** A cluster of the inventory, with its nodes as they are registered where they are; without a secret. Throws `name_unknown`. */
export function planOfCluster(inventory: Inventory, cluster: string, registered: readonly NodeDeclaration[] = []): ClusterPlan {
  const entry = entryNamed('cluster', inventory.clusters, cluster);
  const known = new Map(registered.map((declaration) => [declaration.name, declaration]));
  return {
    cluster,
    nodes: Object.entries(entry.nodes).map(([name, node]) => nodeOf(name, { node, entry, known: known.get(name) })),
    major: entry.major ?? null,
    superuser: entry.superuser.user,
    replicationUser: entry.replication.user,
    applicationUser: entry.application?.user ?? null,
    database: entry.database,
    trusted: entry.trusted,
    synchronous: synchronousOf(entry.synchronous),
    route: clusterRoute(entry.route),
    watch: watchOf(entry.watch),
    lease: { selfStopMs: ms(entry.lease.selfStop), stopMs: ms(entry.lease.stop), marginMs: ms(entry.lease.margin) },
    fence: entry.fence === undefined ? null : { command: entry.fence.command, timeoutMs: ms(entry.fence.timeout) },
    window: { budgetMs: ms(entry.window.budget), silenceMs: ms(entry.window.silence), drainMs: ms(entry.window.drain) },
    limits: { lagBytes: bytes(entry.limits.lag), walDiskFreeBytes: bytes(entry.limits.walDiskFree), readyFiles: entry.limits.readyFiles, senderSilenceMs: SENDER_SILENCE_MS },
  };
}

interface NodeInEntry {
  readonly node: ClusterNodeEntry;
  readonly entry: ClusterEntry;
  readonly known: NodeDeclaration | undefined;
}

/** What an operator can change by registering anew comes from the inventory; who is primary and who follows whom is what is registered. */
function nodeOf(name: string, { node, entry, known }: NodeInEntry): ClusterNode {
  const witness = node.role === 'witness';
  return {
    ...(known ?? declarationOf(name, node)),
    host: node.host,
    port: node.port,
    dataDir: node.dataDir ?? null,
    binDir: node.binDir ?? null,
    socketDir: node.socketDir ?? null,
    settings: witness ? {} : { ...entry.settings, ...node.settings },
    wantedUpstream: node.upstream ?? null,
  };
}

/** A node as its entry declares it: a standby of what it names, as long as nobody has registered it as anything else. */
export const declarationOf = (name: string, node: ClusterNodeEntry): NodeDeclaration => ({
  name,
  role: node.role === 'witness' ? 'witness' : 'standby',
  machine: node.machine ?? node.host,
  location: node.location,
  priority: node.priority,
  applicationName: node.applicationName ?? name,
  upstream: node.upstream ?? null,
  applyDelayMs: ms(node.applyDelay),
});

/** The cluster that has a node. Throws `name_unknown`. */
export function clusterOfNode(inventory: Inventory, node: string): string {
  const [found] = Object.entries(inventory.clusters).find(([, { nodes }]) => Object.hasOwn(nodes, node)) ?? [];
  if (found !== undefined) return found;
  const names = Object.values(inventory.clusters).flatMap(({ nodes }) => Object.keys(nodes));
  throw new OperationError('name_unknown', `node "${node}" is in no cluster of the inventory`, { detail: names.length === 0 ? 'The inventory has no clusters.' : `The nodes are ${names.join(', ')}.`, context: { kind: 'node', name: node } });
}

export type ClusterLogin = 'superuser' | 'replication' | 'application';

/** The password of a role of the cluster, resolved now; undefined where it has none. Throws `secret_missing`. */
export function clusterPassword(inventory: Inventory, { cluster, login, baseDir }: { cluster: string; login: ClusterLogin; baseDir: string }): Secret | undefined {
  const reference = entryNamed('cluster', inventory.clusters, cluster)[login]?.password;
  return reference === undefined ? undefined : resolveSecret({ reference, path: `clusters.${cluster}.${login}.password` }, baseDir);
}

/** A node as the superuser dials it. Throws `name_unknown`, `secret_missing`. */
export function nodeAddress(inventory: Inventory, { cluster, node, baseDir }: { cluster: string; node: string; baseDir: string }): ServerAddress {
  const entry = entryNamed('cluster', inventory.clusters, cluster);
  const { host, port } = entryNamed('node', entry.nodes, node);
  const password = clusterPassword(inventory, { cluster, login: 'superuser', baseDir });
  return { name: node, host, port, user: entry.superuser.user, maintenanceDatabase: 'postgres', tls: { mode: 'prefer' }, ...(password === undefined ? {} : { password }) };
}

const synchronousOf = (entry: ClusterEntry['synchronous']): SynchronousPolicy | null => (entry.mode === 'off' ? null : { method: entry.mode, count: entry.count, strict: entry.strict });

const clusterRoute = (route: RouteEntry): Route => (route.kind === 'command' ? { kind: 'command', command: route.command, timeoutMs: ms(route.timeout) } : route);

function watchOf(entry: ClusterEntry['watch']): ClusterPlan['watch'] {
  const intervalMs = ms(entry.interval);
  return {
    automatic: entry.automaticFailover,
    coolDownMs: ms(entry.coolDown),
    flapLimit: { count: entry.flapLimit.count, withinMs: ms(entry.flapLimit.within) },
    intervalMs,
    silenceMs: ms(entry.silence),
    // A word is old when two rounds have gone by without another, and an answer may travel for one.
    freshMs: 3 * intervalMs,
    strikeOffMs: 60 * intervalMs,
    localRestart: entry.localRestart,
    maxLossBytes: entry.maxLoss === undefined ? null : bytes(entry.maxLoss),
    longestPauseMs: ms(entry.longestPause),
  };
}

/** The schema has let only readable amounts through. */
const ms = (text: string): number => parseDuration(text)!;
const bytes = (text: string): number => parseSize(text)!;
