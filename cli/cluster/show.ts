import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';

import { nodeRows } from '../../domain/cluster/show/rows.ts';
import { exitCodeOf } from '../../domain/errors.ts';
import { withCatalog } from '../open-catalog.ts';
import { globalOptions, printResult } from '../output.ts';
import { seeCluster, type SeenCluster } from './seen-cluster.ts';
import { lagText, showText } from './show-text.ts';

export function registerShow(cluster: Command): void {
  cluster
    .command('show')
    .description('Shows the nodes of a cluster as their agents see them now, and what is wrong with it, each problem with its remedy. Works while Temporal is away. Exit status 4 when a problem is blocking.')
    .argument('<cluster>', 'its name in the inventory')
    .option('--watch', 'again every second, until Ctrl-C')
    .addHelpText('after', '\nExamples:\n  pgconvoy cluster show shop\n  pgconvoy cluster show shop --json | jq -r \'.problems[] | .node, .remedy\'')
    .action(show);
  cluster
    .command('lag')
    .description('Shows how far the standbys of a cluster are behind in receiving and in applying.')
    .argument('<cluster>', 'its name in the inventory')
    .option('--watch', 'again every second, until Ctrl-C')
    .addHelpText('after', '\nExamples:\n  pgconvoy cluster lag shop --watch')
    .action(lag);
}

interface ShowOptions {
  readonly watch?: boolean;
}

const AGAIN_MS = 1000;

async function show(cluster: string, { watch = false }: ShowOptions, command: Command): Promise<void> {
  await lookAgain(command, cluster, watch, (seen) => {
    printResult(command, reportOf(seen), () => showText(seen));
    process.exitCode = seen.problems.some(({ severity }) => severity === 'blocking') ? exitCodeOf('cluster_unfit') : 0;
  });
}

async function lag(cluster: string, { watch = false }: ShowOptions, command: Command): Promise<void> {
  await lookAgain(command, cluster, watch, (seen) => {
    const standbys = nodeRows(seen.picture, seen.plan.nodes).filter(({ role }) => role !== 'witness');
    printResult(command, { cluster, at: new Date().toISOString(), nodes: standbys.map(({ node, timeline, lsn, lagBytes, applyLagBytes, sync }) => ({ node, timeline, lsn, lagBytes, applyLagBytes, sync })) }, () => lagText(standbys));
  });
}

/** With --watch on a terminal each look takes the place of the one before. */
async function lookAgain(command: Command, cluster: string, watch: boolean, print: (seen: SeenCluster) => void): Promise<void> {
  await withCatalog(command, async (catalog) => {
    for (;;) {
      const seen = await seeCluster(command, catalog, cluster);
      if (watch && process.stdout.isTTY && globalOptions(command).json !== true) process.stdout.write('\u001B[2J\u001B[H');
      print(seen);
      if (!watch) return;
      await sleep(AGAIN_MS);
    }
  });
}

const reportOf = ({ plan, systemIdentifier, picture, problems, pause, holder, lastChange, epoch }: SeenCluster): object => ({
  cluster: plan.cluster, systemIdentifier, epoch, automaticFailover: plan.watch.automatic, nodes: nodeRows(picture, plan.nodes), problems, pause, holder, lastChange,
});
