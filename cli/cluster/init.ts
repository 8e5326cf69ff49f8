import type { Command } from 'commander';

import { startNodeOperation } from '../../client/node-operations.ts';
import { type NodeOptions, nodeOptions, runOnNode } from './node-operation.ts';

export function registerInit(cluster: Command): void {
  nodeOptions(
    cluster
      .command('init')
      .description('Makes the first primary of a cluster on one of its nodes: data directory with checksums, roles, configuration. What lies in a data directory is never overwritten.')
      .argument('<cluster>', 'its name in the inventory')
      .argument('<node>', 'the node that becomes the first primary'),
  ).action(async (name: string, node: string, options: NodeOptions, command: Command) =>
    await runOnNode({ cluster: name, node, options, command }, ({ client }) => startNodeOperation(client, 'initCluster', { cluster: name, node, requestedBy: options.by, dryRun: options.dryRun === true })));
}
