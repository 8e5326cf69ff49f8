import { type Command, InvalidArgumentError } from 'commander';

import { appendAudit } from '../../catalog/audit.ts';
import { pauseCluster, resumeCluster } from '../../catalog/cluster/pause.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { lintPause } from '../../domain/cluster/failover/pause.ts';
import { parseDuration, periodText } from '../../domain/durations.ts';
import { OperationError } from '../../domain/errors.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { printResult } from '../output.ts';
import { assertRegistered, inventoryOf } from './seen-cluster.ts';

export function registerPause(cluster: Command): void {
  cluster
    .command('pause')
    .description('Keeps the watcher of a cluster from failing over for a while, for maintenance. A pause has an owner and an end; with a dead primary, its end promotes nobody.')
    .argument('<cluster>', 'its name in the inventory')
    .requiredOption('--for <duration>', 'how long, for example 2h; at most `watch.longestPause` of the inventory', durationOf)
    .requiredOption('--reason <text>', 'why; shown until it ends')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .addHelpText('after', '\nExamples:\n  pgconvoy cluster pause shop --for 2h --reason "new disks in n1"')
    .action(pause);
  cluster
    .command('resume')
    .description('Ends a pause. A primary that was lost meanwhile is not failed over by surprise: that needs `pgconvoy cluster failover`.')
    .argument('<cluster>', 'its name in the inventory')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .addHelpText('after', '\nExamples:\n  pgconvoy cluster resume shop')
    .action(resume);
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It is a duration, for example 30m or 2h.');
  return ms;
}

async function pause(cluster: string, options: { readonly for: number; readonly reason: string; readonly by: string }, command: Command): Promise<void> {
  const { by, reason } = options;
  const { watch } = planOfCluster(inventoryOf(command), cluster);
  const [wrong] = lintPause({ by, forMs: options.for }, watch.longestPauseMs);
  if (wrong !== undefined) throw new OperationError('usage', `cluster "${cluster}" cannot be paused like that`, { detail: wrong.reason });
  const kept = await withCatalog(command, async (catalog) => {
    await assertRegistered(catalog, cluster);
    const inForce = await pauseCluster(catalog, cluster, { owner: by, reason, operation: null, forMs: options.for });
    await appendAudit(catalog, { actor: by, action: 'cluster.pause', object: `cluster ${cluster}`, detail: { forMs: options.for, reason }, result: 'done' });
    return inForce;
  });
  printResult(command, { cluster, paused: true, ...kept }, () => `Cluster "${cluster}" is not failed over by itself for ${periodText(kept.forMs)}: ${kept.reason} (${kept.owner}).`);
}

async function resume(cluster: string, { by }: { readonly by: string }, command: Command): Promise<void> {
  planOfCluster(inventoryOf(command), cluster);
  const resumed = await withCatalog(command, async (catalog) => {
    await assertRegistered(catalog, cluster);
    const lifted = await resumeCluster(catalog, cluster, null);
    if (lifted) await appendAudit(catalog, { actor: by, action: 'cluster.resume', object: `cluster ${cluster}`, result: 'done' });
    return lifted;
  });
  printResult(command, { cluster, resumed }, () => (resumed ? `The pause of cluster "${cluster}" has ended.` : `Cluster "${cluster}" was not paused.`));
}
