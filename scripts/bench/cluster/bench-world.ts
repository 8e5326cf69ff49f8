import { join } from 'node:path';

import { startWatch } from '../../../client/clusters.ts';
import { endDeadDemos, endDemo, makeDemoFolder } from '../../demo/demo-folder.ts';
import { type ClusterWorld, openClusterWorld, type WorldWish } from '../../cluster-world/cluster-world.ts';
import { sweepNetworks } from '../../cluster-world/namespace-network.ts';

/** A cluster that flushes, on PostgreSQL 18, with agents, a worker and the watcher; roles may change as often as the bench wants. */
export async function openBenchWorld(wish: Pick<WorldWish, 'network' | 'pooler'> & { readonly synchronous: boolean }): Promise<ClusterWorld> {
  await using made = new AsyncDisposableStack();
  await endDeadDemos();
  await sweepNetworks();
  const folder = await makeDemoFolder();
  made.defer(() => endDemo(folder));
  const { synchronous, ...rest } = wish;
  const world = made.use(
    await openClusterWorld({
      ...rest, folder: (part) => join(folder, part), durable: true,
      settings: { max_wal_size: '2GB', shared_buffers: '64MB' },
      entry: { watch: { coolDown: '0s', flapLimit: { count: 1000, within: '1s' } }, limits: { walDiskFree: '16MB' }, drilling: { backup: 'waived' }, ...(synchronous ? { synchronous: { mode: 'any', count: 1 } } : {}) },
    }),
  );
  await Promise.all([...world.nodes.map(({ name }) => world.startAgent(name)), world.startWorker()]);
  await startWatch(world.client, { cluster: world.cluster, requestedBy: 'bench' });
  const parts = made.move();
  return { ...world, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() };
}
