import type { Command } from 'commander';

import { startNodeOperation } from '../../client/node-operations.ts';
import { type NodeOptions, nodeOptions, runOnNode } from './node-operation.ts';

interface CloneOptions extends NodeOptions {
  readonly from?: string;
  readonly replace?: boolean;
}

export function registerClone(cluster: Command): void {
  nodeOptions(
    cluster
      .command('clone')
      .description('Makes a node a standby: copies a running node, holds every file against the manifest of the copy, starts it and waits until it streams. Killed at any moment, it goes on where it was.')
      .argument('<cluster>', 'its name in the inventory')
      .argument('<node>', 'the node to make')
      .option('--from <node>', 'copy this node; default: the primary')
      .option('--replace', 'stop what runs there, and move its data directory aside'),
  ).action(async (name: string, node: string, { from, replace, ...options }: CloneOptions, command: Command) =>
    await runOnNode({ cluster: name, node, options, command }, ({ client }) =>
      startNodeOperation(client, 'cloneNode', { cluster: name, node, replace: replace === true, requestedBy: options.by, dryRun: options.dryRun === true, ...(from === undefined ? {} : { from }) })));
}
