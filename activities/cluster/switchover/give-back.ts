import { setTimeout as sleep } from 'node:timers/promises';

import type { NodeAgent } from '../../../agent/node-agent.ts';
import { OperationError } from '../../../domain/errors.ts';
import { connect } from '../../../postgres/connection.ts';
import { tryToWrite } from '../../../postgres/cluster/promotion.ts';
import { livingPostmaster } from '../../../programs/cluster/server-processes.ts';
import { makePrimary } from '../../../programs/cluster/standby-signal.ts';
import { startServer } from '../../../programs/cluster/start-server.ts';
import { stopServer } from '../../../programs/cluster/stop-server.ts';
import type { PostgresCluster } from '../../../programs/postgres-cluster.ts';
import { openRoute, type OpenRoute } from '../../../providers/open-route.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { Ending } from './end-window.ts';

/** A server that has been told to stop gets so long to end by itself, and then so long to end at once. */
const END_MS = 1000;
const QUIT_MS = 3000;
/** Crash recovery included. */
const START_MS = 30 * 60_000;

/** The old primary serves again: tombstone away, started, and the route open. May be done again. */
export async function giveBack(deps: Dependencies, { agent, window, live }: Ending): Promise<void> {
  const cluster = await agent.server();
  const wasToldToStop = live !== undefined && live.diary.doing !== 'drain';
  if (wasToldToStop || !(await serves(agent))) {
    await endServer(cluster);
    await makePrimary(cluster);
    await startServer(cluster, { withinMs: START_MS });
    if (!(await serves(agent))) throw new OperationError('node_failed', `node "${agent.node}" is up and does not take writes`, { hint: `Read ${cluster.logFile}.` });
  }
  if (live !== undefined) return await lead(live.route);
  await using route = await openRoute(agent.plan().route, deps.secret);
  await lead(route);

  /** A route that holds nobody back was not pointed anywhere before the promotion. */
  async function lead(way: OpenRoute): Promise<void> {
    const { host, port } = agent.address(agent.node);
    if (way.holds) await way.point({ host, port, database: agent.plan().database, cluster: agent.cluster, epoch: window.epoch });
    await way.resume();
  }
}

/** Whether it takes writes. */
async function serves(agent: NodeAgent): Promise<boolean> {
  try {
    await using session = await connect(agent.address(agent.node), { purpose: 'give_back', connectTimeoutMs: END_MS, settings: { synchronous_commit: 'local' } });
    return (await tryToWrite(session, 'given back')) !== null;
  } catch {
    return false;
  }
}

/** What of it still hangs, an archiver for example, is ended: the log that it did not archive is still there. */
async function endServer(cluster: PostgresCluster): Promise<void> {
  const deadline = performance.now() + END_MS;
  while (performance.now() < deadline && (await livingPostmaster(cluster.dataDir)) !== undefined) await sleep(10);
  await stopServer(cluster, { mode: 'immediate', withinMs: QUIT_MS });
}
