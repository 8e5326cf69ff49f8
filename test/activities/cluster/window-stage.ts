import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { inject } from 'vitest';

import type { AgentFacts } from '../../../agent/agent-journal.ts';
import type { NodeAgent } from '../../../agent/node-agent.ts';
import type { Dependencies } from '../../../activities/dependencies.ts';
import type { WindowOrder } from '../../../activities/cluster/switchover/window-order.ts';
import { reserveEpoch } from '../../../catalog/cluster/epochs.ts';
import { recordCluster } from '../../../catalog/cluster/nodes.ts';
import { recordRun } from '../../../catalog/runs.ts';
import type { Catalog } from '../../../catalog/open-catalog.ts';
import { pgbouncerProgram } from '../../../config/program-folders.ts';
import type { ClusterPlan } from '../../../domain/cluster/cluster.ts';
import type { Route } from '../../../domain/migration/plan.ts';
import { Secret } from '../../../domain/secret.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { readReceived } from '../../../postgres/cluster/promotion.ts';
import { connect } from '../../../postgres/connection.ts';
import { stopDetached } from '../../../programs/detached-process.ts';
import type { PostgresCluster } from '../../../programs/postgres-cluster.ts';
import { startPgBouncer } from '../../../programs/pgbouncer.ts';
import { freePort } from '../../../programs/ports.ts';
import { serverAccount } from '../../../programs/server-account.ts';
import { freshCatalog } from '../../catalog/fresh-catalog.ts';
import { privateServer, type PrivateServer } from '../../support/cluster.ts';
import { standbyOf } from '../../support/standby.ts';
import { uniqueName } from '../../support/unique-name.ts';

export const CLUSTER = 'shop';

export interface WindowStage extends AsyncDisposable {
  readonly deps: Dependencies;
  readonly catalog: Catalog;
  readonly agent: NodeAgent;
  readonly primary: PrivateServer;
  readonly candidate: ServerAddress;
  readonly candidateCluster: PostgresCluster;
  /** Where the application dials, when there is a pooler. */
  readonly pooler: ServerAddress | undefined;
  /** Resolves when the candidate streams from the primary. */
  streaming(): Promise<void>;
  /** The order of a new operation, with an epoch of its own. */
  order(): Promise<WindowOrder>;
  /** Those of the window, to be changed. */
  readonly limits: { budgetMs: number; readonly silenceMs: number; readonly drainMs: number };
  /** Done before the agent has a step of its window on disk. */
  readonly before: { draining?: () => Promise<unknown>; asked?: () => Promise<unknown> };
}

export interface StageWish {
  readonly pooler?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

/** An old primary `alfa` with its agent and a candidate `bravo` that streams from it. */
export async function openWindowStage(wish: StageWish = {}): Promise<WindowStage> {
  await using made = new AsyncDisposableStack();
  const { catalog } = made.use(await freshCatalog());
  const primary = made.use(await privateServer(18, { settings: { wal_level: 'replica', wal_log_hints: 'on', wal_retrieve_retry_interval: '100ms', ...wish.settings }, hba: ['host replication all 127.0.0.1/32 scram-sha-256'] }));
  const standby = made.use(await standbyOf(primary));
  const candidate = { ...standby.server, name: 'bravo' };
  await using session = await connect(primary.server, { purpose: 'test' });
  await session.execute('CREATE TABLE public.written (writer integer, number integer, PRIMARY KEY (writer, number))');
  const { id } = await session.row<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()');
  await recordCluster(catalog, CLUSTER, id);
  await standby.caughtUp();
  const pooled = wish.pooler === true ? made.use(await poolerOf(primary)) : undefined;
  const limits = { budgetMs: 60_000, silenceMs: 30_000, drainMs: 1000 };
  const plan = planOf(pooled?.route ?? { kind: 'none' }, limits);
  const addresses = { alfa: { ...primary.server, name: 'alfa' }, bravo: candidate };
  const deps = { catalog, secret: () => primary.server.password! } as unknown as Dependencies;
  const kept: { facts: AgentFacts } = { facts: { epoch: null, destructiveStep: null, rewriteEnded: false, selfFencedAt: null, window: null } };
  const before: WindowStage['before'] = {};
  const stack = made.move();
  return {
    deps, catalog, primary, candidate, candidateCluster: standby.cluster, agent: agentOf({ plan, primary, addresses, kept, before }), pooler: pooled?.address,
    streaming: async () => {
      await using at = await connect(candidate, { purpose: 'test' });
      while (!(await readReceived(at)).streaming) await sleep(20);
    },
    order: async () => {
      const operation = randomBytes(5).toString('hex');
      await recordRun(catalog, { runId: operation, kind: 'switchover', subject: CLUSTER, workflowId: 'test', actor: 'test' });
      return { cluster: CLUSTER, operation, epoch: await reserveEpoch(catalog, CLUSTER, operation), candidate: 'bravo' };
    },
    before,
    limits,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const planOf = (route: Route, window: ClusterPlan['window']): ClusterPlan =>
  ({ cluster: CLUSTER, nodes: [], database: 'postgres', route, window, lease: { selfStopMs: 60_000, stopMs: 500, marginMs: 300 } }) as unknown as ClusterPlan;

interface Parts {
  readonly plan: ClusterPlan;
  readonly primary: PrivateServer;
  readonly addresses: Readonly<Record<string, ServerAddress>>;
  readonly kept: { facts: AgentFacts };
  readonly before: WindowStage['before'];
}

function agentOf({ plan, primary, addresses, kept, before }: Parts): NodeAgent {
  const agent: Partial<NodeAgent> = {
    cluster: CLUSTER,
    node: 'alfa',
    plan: () => plan,
    server: () => Promise.resolve({ ...primary.cluster, name: 'alfa' }),
    address: (node) => addresses[node]!,
    journal: {
      facts: () => kept.facts,
      keep: async (change) => {
        if (change.window) await before[change.window.step]?.();
        kept.facts = { ...kept.facts, ...change };
      },
    },
    expectStop: () => ({ [Symbol.dispose]: () => undefined }),
    obey: (_order, _name, work) => work(new AbortController().signal),
  };
  return agent as NodeAgent;
}

async function poolerOf(primary: PrivateServer): Promise<{ route: Route; address: ServerAddress } & AsyncDisposable> {
  const folder = join(inject('runFolder'), uniqueName('window-pooler'));
  await mkdir(folder, { recursive: true });
  const account = await serverAccount();
  const { host, port, user, password = new Secret('') } = primary.server;
  const pooler = await startPgBouncer({ program: pgbouncerProgram(), folder, port: await freePort(), databases: { postgres: { host, port, database: 'postgres' } }, users: { [user]: password }, admins: [user], account });
  return {
    route: { kind: 'pgbouncer', host: pooler.host, port: pooler.port, user, password: 'the password of the test', database: 'postgres', configFile: pooler.configFile },
    address: { ...primary.server, name: 'pooler', host: pooler.host, port: pooler.port },
    [Symbol.asyncDispose]: async () => void (await stopDetached(pooler.pidFile)),
  };
}
