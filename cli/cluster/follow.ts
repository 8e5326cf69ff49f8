import type { Command } from 'commander';

import { startNodeOperation } from '../../client/node-operations.ts';
import { type NodeOptions, nodeOptions, runOnNode } from './node-operation.ts';

export function registerFollow(cluster: Command): void {
  nodeOptions(
    cluster
      .command('follow')
      .description('Has a standby stream from another node, without a restart from 13 on. Refused where that would loop, or where its log is not on the line of that node.')
      .argument('<cluster>', 'its name in the inventory')
      .argument('<node>', 'the standby')
      .argument('<upstream>', 'the node to stream from'),
  ).action(async (name: string, node: string, upstream: string, options: NodeOptions, command: Command) =>
    await runOnNode({ cluster: name, node, options, command }, ({ client }) => startNodeOperation(client, 'followNode', { cluster: name, node, upstream, requestedBy: options.by, dryRun: options.dryRun === true })));
}
