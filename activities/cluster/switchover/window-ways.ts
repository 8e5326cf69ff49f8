/** Every connection that a window needs, opened before it: nothing is dialled and no program is started while writes are held back. */
import type { NodeAgent } from '../../../agent/node-agent.ts';
import { OperationError } from '../../../domain/errors.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { isInRecovery, readReceived, readWalPlace, type WalPlace } from '../../../postgres/cluster/promotion.ts';
import { type ControlFile, openControlFile } from '../../../programs/control-file.ts';
import { livingPostmaster } from '../../../programs/cluster/server-processes.ts';
import type { PostgresCluster } from '../../../programs/postgres-cluster.ts';
import { openRoute, type OpenRoute } from '../../../providers/open-route.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { WindowOrder } from './window-order.ts';

export interface WindowWays {
  readonly cluster: PostgresCluster;
  readonly postmasterPid: number;
  readonly place: WalPlace;
  readonly control: ControlFile;
  readonly own: Session;
  readonly candidate: Session;
  /** Over which the epoch is claimed, and nothing else goes. */
  readonly claims: Session;
  /** Over which the journal is kept and the catalog is heard. */
  readonly diary: Session;
  readonly route: OpenRoute;
}

/** Opens all of them, uses each once so that nothing of it is new in the window, and closes them after `work`. */
export const withWays = <T>(deps: Dependencies, { agent, order }: { agent: NodeAgent; order: WindowOrder }, work: (ways: WindowWays) => Promise<T>): Promise<T> =>
  deps.catalog.turns.use((claims) =>
    deps.catalog.turns.use(async (diary) => {
      await using opened = new AsyncDisposableStack();
      const cluster = await agent.server();
      const purpose = `window_${order.operation}`;
      const own = opened.use(await connect(agent.address(agent.node), { purpose }));
      // Bound to no standby: the proof that the candidate writes is not to wait for one.
      const candidate = opened.use(await connect(agent.address(order.candidate), { purpose, settings: { synchronous_commit: 'local' } }));
      const route = opened.use(await openRoute(agent.plan().route, deps.secret));
      const control = opened.use(openControlFile(cluster.dataDir));
      const place = await readWalPlace(own);
      await assertFollows(candidate, order.candidate);
      return await work({ cluster, postmasterPid: await pidOf(cluster), place, control, own, candidate, claims, diary, route });
    }),
  );

/** A standby that does not stream at this moment does not get the end of the log any more, once the stop has begun. */
async function assertFollows(candidate: Session, name: string): Promise<void> {
  if ((await isInRecovery(candidate)) && (await readReceived(candidate)).streaming) return;
  throw new OperationError('cluster_unfit', `node "${name}" does not stream from the primary`, { hint: `Run \`pgconvoy cluster follow ${name}\`, or wait until it has found its upstream again.` });
}

async function pidOf({ name, dataDir }: PostgresCluster): Promise<number> {
  const postmaster = await livingPostmaster(dataDir);
  if (postmaster === undefined) throw new OperationError('cluster_unfit', `the server of node "${name}" does not run`);
  return postmaster;
}
