import { parseDuration } from '../domain/durations.ts';
import type { ClusterEntry, ClusterNodeEntry } from './cluster-schema.ts';
import type { Complaint } from './finding.ts';
import type { Inventory } from './inventory-schema.ts';
import { didYouMean } from '../domain/did-you-mean.ts';

type Path = readonly string[];
type NamedNode = readonly [string, ClusterNodeEntry];

/** Rules between the nodes of the clusters, and between the times of each. */
export const checkClusters = ({ clusters }: Pick<Inventory, 'clusters'>): Complaint[] => [
  ...sharedNodeNames(clusters),
  ...sharedPlaces(clusters),
  ...Object.entries(clusters).flatMap(([name, cluster]) => checkCluster(['clusters', name], cluster)),
];

/** The queue of an agent and its folder are named after its node alone. */
function sharedNodeNames(clusters: Inventory['clusters']): Complaint[] {
  const places = Object.entries(clusters).flatMap(([cluster, { nodes }]) => Object.keys(nodes).map((node) => ({ cluster, node })));
  return places.flatMap(({ cluster, node }, index) => {
    const first = places.findIndex((other) => other.node === node);
    return first === index ? [] : [{ path: ['clusters', cluster, 'nodes', node], message: `has the name of a node of cluster ${places[first]!.cluster}; names are unique over all clusters`, atKey: true }];
  });
}

function sharedPlaces(clusters: Inventory['clusters']): Complaint[] {
  const places = Object.entries(clusters).flatMap(([cluster, { nodes }]) => data(nodes).map(([name, { host, port }]) => ({ cluster, name, place: `${host}:${port}` })));
  return places.flatMap(({ cluster, name, place }, index) => {
    const first = places.findIndex((other) => other.place === place);
    return first === index ? [] : [{ path: ['clusters', cluster, 'nodes', name, 'host'], message: `is ${place}, as that of node ${places[first]!.name}` }];
  });
}

const data = (nodes: ClusterEntry['nodes']): NamedNode[] => Object.entries(nodes).filter(([, { role }]) => role === 'data');
const machineOf = ({ machine, host }: ClusterNodeEntry): string => machine ?? host;
const ms = (text: string): number => parseDuration(text) ?? 0;

function checkCluster(path: Path, cluster: ClusterEntry): Complaint[] {
  const nodes = Object.entries(cluster.nodes);
  return [
    ...(data(cluster.nodes).length === 0 ? [{ path: [...path, 'nodes'], message: 'has no node with data' }] : []),
    ...nodes.flatMap((node) => checkNode([...path, 'nodes', node[0]], node, cluster)),
    ...sharedApplicationNames([...path, 'nodes'], data(cluster.nodes)),
    ...checkSynchronous(path, cluster),
    ...checkTimes(path, cluster),
  ];
}

function checkNode(path: Path, [name, node]: NamedNode, { nodes }: ClusterEntry): Complaint[] {
  if (node.role === 'witness') return checkWitness(path, node, nodes);
  const complaints: Complaint[] = [];
  if (node.dataDir === undefined) complaints.push({ path, message: 'needs dataDir: every node but a witness has data', atKey: true });
  if (ms(node.applyDelay) > 0 && node.priority > 0) complaints.push({ path: [...path, 'priority'], message: `is ${node.priority}, but a node with applyDelay is not to be promoted, which would apply everything at once: say 0` });
  return [...complaints, ...checkUpstream([...path, 'upstream'], [name, node], nodes)];
}

function checkWitness(path: Path, node: ClusterNodeEntry, nodes: ClusterEntry['nodes']): Complaint[] {
  const beside = data(nodes).filter(([, other]) => machineOf(other) === machineOf(node)).map(([other]) => other);
  return [
    ...(node.dataDir === undefined ? [] : [{ path: [...path, 'dataDir'], message: 'is given, but a witness has no data' }]),
    ...(node.upstream === undefined ? [] : [{ path: [...path, 'upstream'], message: 'is given, but a witness receives nothing' }]),
    ...(beside.length === 0 ? [] : [{ path: [...path, node.machine === undefined ? 'host' : 'machine'], message: `is ${machineOf(node)}, where ${beside.join(' and ')} runs: a witness needs a machine of its own, or it is lost with what it watches` }]),
  ];
}

function checkUpstream(path: Path, [name, { upstream }]: NamedNode, nodes: ClusterEntry['nodes']): Complaint[] {
  if (upstream === undefined) return [];
  const source = nodes[upstream];
  if (source === undefined || source.role === 'witness') {
    const meant = didYouMean(upstream, data(nodes).map(([other]) => other));
    return [{ path, message: `names node ${upstream}, which is no node with data of this cluster${meant === undefined ? '' : `; did you mean ${meant}?`}` }];
  }
  const seen = [name];
  for (let next: string | undefined = upstream; next !== undefined; next = nodes[next]?.upstream) {
    if (next === name) return [{ path, message: `leads back to the node itself: ${[...seen, name].join(' from ')}` }];
    if (seen.includes(next)) return [];
    seen.push(next);
  }
  return [];
}

function sharedApplicationNames(path: Path, nodes: readonly NamedNode[]): Complaint[] {
  const names = nodes.map(([name, { applicationName }]) => ({ name, shown: (applicationName ?? name).toLowerCase() }));
  return names.flatMap(({ name, shown }, index) => {
    const first = names.findIndex((other) => other.shown === shown);
    return first === index ? [] : [{ path: [...path, name], message: `has the application_name ${shown}, as ${names[first]!.name} has; synchronous_standby_names cannot tell them apart`, atKey: true }];
  });
}

function checkSynchronous(path: Path, { synchronous, nodes }: ClusterEntry): Complaint[] {
  if (synchronous.mode === 'off') return [];
  // One of them is the primary, and one that applies late confirms nothing in time.
  const standbys = data(nodes).filter(([, { applyDelay }]) => ms(applyDelay) === 0).length - 1;
  return synchronous.count <= standbys ? [] : [{ path: [...path, 'synchronous'], message: `wants ${synchronous.count} to confirm each commit, and at most ${Math.max(0, standbys)} can: commits would hang` }];
}

/** Times that make no sense together; what only makes the watcher nervous is the operator's own choice. */
function checkTimes(path: Path, { watch, lease }: ClusterEntry): Complaint[] {
  return [
    ...(ms(watch.silence) < ms(watch.interval) ? [{ path: [...path, 'watch', 'silence'], message: `is ${watch.silence}, shorter than interval (${watch.interval}): a primary would be lost between two questions` }] : []),
    ...(ms(watch.interval) === 0 ? [{ path: [...path, 'watch', 'interval'], message: 'is 0' }] : []),
    ...(ms(lease.selfStop) < 1000 ? [{ path: [...path, 'lease', 'selfStop'], message: `is ${lease.selfStop}; an agent speaks four times a second, so less than 1s would stop a primary over nothing` }] : []),
    ...(ms(lease.stop) === 0 ? [{ path: [...path, 'lease', 'stop'], message: 'is 0: a stop takes a moment' }] : []),
  ];
}
