import type { Command } from 'commander';

import { startWatch, stopWatch, watchState, type WatchState } from '../../client/clusters.ts';
import { connectClient } from '../../client/connect-client.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult } from '../output.ts';

interface WatchOptions {
  readonly stop?: boolean;
  readonly show?: boolean;
  readonly by: string;
}

export function registerWatch(cluster: Command): void {
  cluster
    .command('watch')
    .description('Starts the watcher of a cluster, a workflow that alerts and fails over by itself; it runs until it is stopped, through restarts of workers and of Temporal. Again changes nothing.')
    .argument('<cluster>', 'its name in the inventory')
    .option('--stop', 'end the watcher; a failover that it has begun goes on')
    .option('--show', 'only say what the watcher sees')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(watch);
}

async function watch(cluster: string, { stop, show, by }: WatchOptions, command: Command): Promise<void> {
  const plan = planOfCluster(loadInventory(findInventory(globalOptions(command).inventory)), cluster);
  await using open = await connectClient(temporalConnection());
  if (stop === true) {
    const stopped = await stopWatch(open.client, cluster);
    printResult(command, { cluster, stopped }, () => (stopped ? `The watcher of cluster "${cluster}" ends. From now on nothing is failed over by itself.` : `No watcher of cluster "${cluster}" runs.`));
    return;
  }
  if (show === true) {
    const state = await watchState(open.client, cluster);
    printResult(command, state ?? { cluster, state: null }, () => (state === undefined ? `No watcher of cluster "${cluster}" runs. \`pgconvoy cluster watch ${cluster}\` starts it.` : stateText(state)));
    return;
  }
  const { workflowId, started } = await startWatch(open.client, { cluster, requestedBy: by });
  const acts = plan.watch.automatic ? 'It fails over by itself.' : 'It only alerts: `watch.automaticFailover` is off.';
  printResult(command, { cluster, workflowId, started }, () => `${started ? 'The watcher of cluster' : 'A watcher runs already for cluster'} "${cluster}"${started ? ' runs' : ''}: workflow ${workflowId}. ${acts}`);
}

const stateText = ({ cluster, state, primary, finding, failover, lastEnd, failovers }: WatchState): string =>
  [
    `Cluster "${cluster}": ${state}; primary ${primary ?? 'not known yet'}.`,
    ...(finding === null ? [] : [`${finding.rule}: ${finding.reason}`]),
    ...(finding?.alert == null ? [] : (finding.evidence.gates ?? []).filter(({ open }) => !open).map(({ rule, reason }) => `  closed: ${rule}: ${reason}`)),
    ...(failover === null ? [] : [`Failovers begun: ${failovers}; the last: ${failover}${lastEnd === null ? ', under way' : `, ${lastEnd}`}.`]),
  ].join('\n');
