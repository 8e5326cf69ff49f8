import { expect, it } from 'vitest';

import { checkClusters } from '../../config/cluster-cross-references.ts';
import { type ClusterEntry, clusterSchema } from '../../config/cluster-schema.ts';

const login = { user: 'postgres' };
const node = (host: string, rest: object = {}): object => ({ host, dataDir: '/data', ...rest });
const cluster = (nodes: object, rest: object = {}): ClusterEntry => clusterSchema.parse({ superuser: login, replication: login, nodes, ...rest });
const said = (...clusters: readonly ClusterEntry[]): string[] => checkClusters({ clusters: Object.fromEntries(clusters.map((one, index) => [`c${index + 1}`, one])) }).map(({ path, message }) => `${path.slice(1).join('.')} ${message}`);

const THREE = { n1: node('a'), n2: node('b'), n3: node('c') };

it('says nothing of a cluster that is as it should be', () => {
  expect(said(cluster({ ...THREE, w: { role: 'witness', host: 'd' } }, { synchronous: { mode: 'any', count: 2 } }))).toEqual([]);
});

const BAD: readonly { name: string; clusters: readonly ClusterEntry[]; says: readonly string[] }[] = [
  { name: 'a node name that two clusters have', clusters: [cluster({ n1: node('a') }), cluster({ n1: node('b') })], says: ['c2.nodes.n1 has the name of a node of cluster c1; names are unique over all clusters'] },
  { name: 'R82 two nodes at one place', clusters: [cluster({ n1: node('a'), n2: node('a', { port: 5433 }), n3: node('a') })], says: ['c1.nodes.n3.host is a:5432, as that of node n1'] },
  { name: 'no node with data', clusters: [cluster({ w: { role: 'witness', host: 'd' } })], says: ['c1.nodes has no node with data'] },
  { name: 'a node without a data directory', clusters: [cluster({ n1: { host: 'a' } })], says: ['c1.nodes.n1 needs dataDir: every node but a witness has data'] },
  { name: 'HA10 a witness on the machine of a data node', clusters: [cluster({ ...THREE, w: { role: 'witness', host: 'a' }, v: { role: 'witness', host: 'x', machine: 'b' } })], says: ['c1.nodes.w.host is a, where n1 runs: a witness needs a machine of its own, or it is lost with what it watches', 'c1.nodes.v.machine is b, where n2 runs: a witness needs a machine of its own, or it is lost with what it watches'] },
  { name: 'a witness with data', clusters: [cluster({ ...THREE, w: { role: 'witness', host: 'd', dataDir: '/data', upstream: 'n1' } })], says: ['c1.nodes.w.dataDir is given, but a witness has no data', 'c1.nodes.w.upstream is given, but a witness receives nothing'] },
  { name: 'an upstream that is not there', clusters: [cluster({ ...THREE, n3: node('c', { upstream: 'm2' }) })], says: ['c1.nodes.n3.upstream names node m2, which is no node with data of this cluster; did you mean n2?'] },
  { name: 'HA39 upstreams in a circle', clusters: [cluster({ n1: node('a', { upstream: 'n2' }), n2: node('b', { upstream: 'n1' }) })], says: ['c1.nodes.n1.upstream leads back to the node itself: n1 from n2 from n1', 'c1.nodes.n2.upstream leads back to the node itself: n2 from n1 from n2'] },
  { name: 'HA28 a delayed node that may be promoted', clusters: [cluster({ ...THREE, n3: node('c', { applyDelay: '1h' }) })], says: ['c1.nodes.n3.priority is 100, but a node with applyDelay is not to be promoted, which would apply everything at once: say 0'] },
  { name: 'R73 one application_name twice', clusters: [cluster({ ...THREE, n3: node('c', { applicationName: 'N1' }) })], says: ['c1.nodes.n3 has the application_name n1, as n1 has; synchronous_standby_names cannot tell them apart'] },
  { name: 'R75 more confirmations than there can be', clusters: [cluster({ ...THREE, n3: node('c', { applyDelay: '1h', priority: 0 }) }, { synchronous: { mode: 'first', count: 2 } })], says: ['c1.synchronous wants 2 to confirm each commit, and at most 1 can: commits would hang'] },
  { name: 'times that make no sense', clusters: [cluster(THREE, { watch: { interval: '2s' }, lease: { selfStop: '500ms', stop: '0s' } })], says: ['c1.watch.silence is 1s, shorter than interval (2s): a primary would be lost between two questions', 'c1.lease.selfStop is 500ms; an agent speaks four times a second, so less than 1s would stop a primary over nothing', 'c1.lease.stop is 0: a stop takes a moment'] },
];

it.each(BAD)('complains of $name', ({ clusters, says }) => {
  expect(said(...clusters)).toEqual(says);
});
