import { join } from 'node:path';

import { inject } from 'vitest';

import type { AgentLog, AgentParts, CatalogPlace } from '../../agent/agent-parts.ts';
import { RunningAgent } from '../../agent/running-agent.ts';
import { appendAudit } from '../../catalog/audit.ts';
import type { Catalog } from '../../catalog/open-catalog.ts';
import { postgresFolders } from '../../config/program-folders.ts';
import type { ClusterNode, ClusterPlan } from '../../domain/cluster/cluster.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { findInstallations, pickNodeServer } from '../../programs/postgres-installations.ts';
import type { PrivateServer } from '../support/cluster.ts';
import { uniqueName } from '../support/unique-name.ts';

export interface AgentWish {
  readonly plan: ClusterPlan;
  readonly node: string;
  readonly addresses: Readonly<Record<string, ServerAddress>>;
  readonly catalog: Catalog;
  /** Where the agent dials the catalog; the catalog's own place when absent. */
  readonly place: CatalogPlace;
  readonly stateDir?: string;
  readonly parts?: Partial<AgentParts>;
}

export interface AgentUnderTest extends AsyncDisposable {
  readonly agent: RunningAgent;
  readonly stateDir: string;
  readonly log: readonly string[];
}

/** An agent in the process of the test. */
export async function startAgent({ plan, node, addresses, catalog, place, stateDir = join(inject('runFolder'), uniqueName('agent')), parts = {} }: AgentWish): Promise<AgentUnderTest> {
  const lines: string[] = [];
  const say = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: AgentLog = { info: say, warn: say, error: say };
  const agent = await RunningAgent.start({
    cluster: plan.cluster,
    node,
    plan: () => plan,
    address: (name) => addresses[name]!,
    password: () => undefined,
    installation: async (major) => pickNodeServer(await findInstallations(postgresFolders()), major).installation,
    audit: (event) => appendAudit(catalog, event),
    catalog: place,
    stateDir,
    log,
    ...parts,
  });
  return { agent, stateDir, log: lines, [Symbol.asyncDispose]: () => agent.close() };
}

export function clusterPlan(cluster: string, nodes: readonly ClusterNode[], change: Partial<ClusterPlan> = {}): ClusterPlan {
  return {
    cluster,
    nodes,
    major: 18,
    superuser: 'postgres',
    replicationUser: 'postgres',
    applicationUser: null,
    database: 'postgres',
    trusted: [],
    synchronous: null,
    route: { kind: 'none' },
    fence: null,
    watch: { automatic: true, coolDownMs: 0, flapLimit: { count: 2, withinMs: 1000 }, intervalMs: 500, silenceMs: 1000, freshMs: 1500, strikeOffMs: 30_000, localRestart: 'never', maxLossBytes: null, longestPauseMs: 1000 },
    lease: { selfStopMs: 2000, stopMs: 500, marginMs: 300 },
    window: { budgetMs: 10_000, silenceMs: 5000, drainMs: 1000 },
    limits: { lagBytes: 2 ** 24, walDiskFreeBytes: 2 ** 20, readyFiles: 8, senderSilenceMs: 2000 },
    ...change,
  };
}

export const clusterNode = (name: string, server: Pick<PrivateServer, 'server' | 'cluster'>, change: Partial<ClusterNode> = {}): ClusterNode => ({
  name,
  role: 'standby',
  machine: name,
  location: 'default',
  priority: 100,
  applicationName: name,
  upstream: null,
  applyDelayMs: 0,
  host: server.server.host,
  port: server.server.port,
  dataDir: server.cluster.dataDir,
  binDir: null,
  socketDir: null,
  settings: {},
  wantedUpstream: null,
  ...change,
});
