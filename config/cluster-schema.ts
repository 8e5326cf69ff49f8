import { z } from 'zod';

import { drillingSchema, drillSchema } from './drill-schema.ts';
import { duration, name, secretReference, size } from './inventory-fields.ts';
import { routeSchema } from './route-schema.ts';

const setting = z.union([z.string(), z.number(), z.boolean()]);

const nodeSchema = z.strictObject({
  role: z.enum(['data', 'witness']).default('data').describe('A witness holds no data; it only watches, from a machine of its own.'),
  host: z.string().min(1).describe('Name or address at which the other nodes, the workers and the application dial it.'),
  port: z.number().int().min(1).max(65_535).default(5432),
  dataDir: z.string().min(1).optional().describe('The data directory; every node but a witness has one.'),
  binDir: z.string().min(1).optional().describe('Folder of the PostgreSQL programs; found by major when absent.'),
  socketDir: z.string().min(1).optional().describe('Folder of the Unix socket; no socket when absent.'),
  machine: z.string().min(1).optional().describe('Nodes of one machine fail together. Default: the host.'),
  location: z.string().min(1).default('default').describe('A zone, room or site: what is cut off together.'),
  priority: z.number().int().min(0).max(1000).default(100).describe('Higher is preferred; 0 is never promoted.'),
  applicationName: z.string().min(1).max(63).optional().describe('application_name of its replication; what synchronous_standby_names speaks of. Default: the name of the node.'),
  upstream: name.optional().describe('The node it streams from, for a cascade. Default: the primary.'),
  applyDelay: duration.default('0s').describe('recovery_min_apply_delay: a standby that is kept behind on purpose.'),
  settings: z.record(z.string(), setting).default({}).describe('Settings of this node alone, over those of the cluster.'),
});

const synchronousSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('off') }),
  z.strictObject({
    mode: z.enum(['any', 'first']),
    count: z.number().int().min(1).max(8).default(1).describe('So many standbys confirm a commit.'),
    strict: z.boolean().default(true).describe('Rather no writes than writes that fewer confirm.'),
  }),
]);

const loginSchema = z.strictObject({ user: z.string().min(1), password: secretReference.optional() });

const watchSchema = z.strictObject({
  automaticFailover: z.boolean().default(true),
  interval: duration.default('500ms').describe('Between two rounds of questions.'),
  silence: duration.default('1s').describe('So long nobody may have heard of the primary before it counts as lost.'),
  localRestart: z.enum(['allowed', 'never']).default('never').describe('Whether the agent may start a dead primary again once before a failover.'),
  coolDown: duration.default('20m').describe('After a change of roles, none follows by itself for so long.'),
  flapLimit: z.strictObject({ count: z.number().int().min(1).default(2), within: duration.default('1h') }).prefault({}),
  maxLoss: size.optional().describe('Log that a failover of an asynchronous cluster may give up. Default: no limit; what is given up is counted.'),
  longestPause: duration.default('24h').describe('A pause of the watcher ends by itself after at most so long.'),
});

/** A native cluster: a primary with standbys, an agent on each node, and what is to happen when one is lost. */
export const clusterSchema = z.strictObject({
  nodes: z.record(name, nodeSchema).describe('The nodes by name. Names are unique over all clusters.'),
  major: z.number().int().min(10).optional().describe('PostgreSQL major of `cluster init`. Default: the newest that is installed.'),
  superuser: loginSchema.describe('The role agents and workers work with.'),
  replication: loginSchema.describe('The role standbys stream with; `cluster init` makes it.'),
  application: loginSchema.optional().describe('The role of the application: tried before a switchover, and what the probe logs in with.'),
  database: z.string().min(1).default('postgres').describe('The database of the application.'),
  trusted: z.array(z.string().min(1)).default([]).describe('Networks from which the application comes in, for pg_hba.conf, for example 10.0.0.0/8. The hosts of the nodes are let in by themselves.'),
  settings: z.record(z.string(), setting).default({}).describe('Settings of every node.'),
  synchronous: synchronousSchema.prefault({ mode: 'off' }),
  route: routeSchema.prefault({ kind: 'none' }).describe('How the application is led to the primary. none: it has all hosts in its connection string.'),
  watch: watchSchema.prefault({}),
  lease: z
    .strictObject({
      selfStop: duration.default('2s').describe('After so long without a word of the catalog and of any standby a primary stops itself.'),
      stop: duration.default('500ms').describe('How long that stop may take; then its processes are killed.'),
      margin: duration.default('300ms').describe('For clocks that run at different speeds.'),
    })
    .prefault({}),
  fence: z
    .strictObject({
      command: z.array(z.string().min(1)).min(1).describe('Program and arguments that cut a node off: power, storage or network. It gets PGCONVOY_NODE, PGCONVOY_NODE_HOST and PGCONVOY_EPOCH. Exit 0: it cannot serve any more.'),
      timeout: duration.default('30s'),
    })
    .optional()
    .describe('Called in a failover when the agent of the old primary is silent. Without it, the lease of the agent is waited for.'),
  window: z
    .strictObject({
      budget: duration.default('10s').describe('The longest write pause of a switchover; past it the old primary is given back.'),
      silence: duration.default('5s').describe('After so long without a word of the worker that leads it, the agent gives the old primary back.'),
      drain: duration.default('1s').describe('How long transactions may take to end before they are ended.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      lag: size.default('16MB').describe('A candidate that is further behind is not switched to.'),
      walDiskFree: size.default('1GB').describe('Below it, `cluster show` reports a disk that is running full.'),
      readyFiles: z.number().int().min(0).default(8).describe('Segments that may wait to be archived before a switchover.'),
    })
    .prefault({}),
  drills: z.record(name, drillSchema).default({}).describe('Drills by name, held by schedule or by `pgconvoy cluster drill <cluster> --name <name>`.'),
  drilling: drillingSchema,
});

export type ClusterEntry = z.output<typeof clusterSchema>;
export type ClusterNodeEntry = ClusterEntry['nodes'][string];
