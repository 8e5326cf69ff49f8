import type { Command } from 'commander';

import { startNodeOperation } from '../../client/node-operations.ts';
import { type NodeOptions, nodeOptions, runOnNode } from './node-operation.ts';

interface RejoinOptions extends NodeOptions {
  readonly clone?: boolean;
}

export function registerRejoin(cluster: Command): void {
  nodeOptions(
    cluster
      .command('rejoin')
      .description('Brings back a node that was stopped, lost or left behind: starts it, or rewinds it to where it parted from the primary. What is given up by that is kept on its host, and its own configuration stays.')
      .argument('<cluster>', 'its name in the inventory')
      .argument('<node>', 'the node to bring back')
      .option('--clone', 'copy the primary anew, where a rewind is impossible; the data directory is moved aside, never deleted'),
  ).action(async (name: string, node: string, { clone, ...options }: RejoinOptions, command: Command) =>
    await runOnNode({ cluster: name, node, options, command }, ({ client }) => startNodeOperation(client, 'rejoinNode', { cluster: name, node, clone: clone === true, requestedBy: options.by, dryRun: options.dryRun === true })));
}
