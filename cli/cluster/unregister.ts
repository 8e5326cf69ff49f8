import type { Command } from 'commander';

import { appendAudit } from '../../catalog/audit.ts';
import { unregisterNode } from '../../catalog/cluster/nodes.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { nodeAddress } from '../../config/resolve-cluster.ts';
import { judgeRemoval } from '../../domain/cluster/registration.ts';
import { OperationError } from '../../domain/errors.ts';
import { dropIdleSlot } from '../../postgres/cluster/physical-slots.ts';
import { connect } from '../../postgres/connection.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult } from '../output.ts';
import { assertRegistered, inventoryOf, seeCluster } from './seen-cluster.ts';

interface UnregisterOptions {
  readonly dryRun?: boolean;
  readonly by: string;
}

export function registerUnregister(cluster: Command): void {
  cluster
    .command('unregister')
    .description('Takes a node off a cluster and drops its slot. Its server and its data are left alone. Never the primary, nor a node that others follow.')
    .argument('<cluster>', 'its name in the inventory')
    .argument('<node>', 'the node')
    .option('--dry-run', 'say what would be done, and what is against it')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .addHelpText('after', '\nExamples:\n  pgconvoy cluster unregister shop n3 --dry-run\n  pgconvoy cluster unregister shop n3')
    .action(unregister);
}

async function unregister(cluster: string, node: string, { dryRun = false, by }: UnregisterOptions, command: Command): Promise<void> {
  const removal = await withCatalog(command, async (catalog) => {
    await assertRegistered(catalog, cluster);
    const { picture, registered } = await seeCluster(command, catalog, cluster);
    const known = registered.map(({ declaration }) => declaration);
    const declaration = known.find(({ name }) => name === node);
    if (declaration === undefined) throw new OperationError('name_unknown', `node "${node}" is not registered in cluster "${cluster}"`, { detail: `Registered are ${known.map(({ name }) => name).join(', ')}.`, context: { kind: 'node', name: node } });
    const judged = judgeRemoval(declaration, known, picture);
    if (dryRun) return judged;
    if (judged.refusals.length > 0) throw new OperationError('cluster_unfit', `node "${node}" cannot be taken off cluster "${cluster}"`, { detail: judged.refusals.map(({ rule, reason }) => `${reason} (${rule})`).join('\n') });
    if (judged.slot !== null) await dropSlot(command, cluster, judged.slot);
    await unregisterNode(catalog, node);
    await appendAudit(catalog, { actor: by, action: 'node.unregister', object: `node ${node} of cluster ${cluster}`, detail: { declaration, slot: judged.slot }, result: 'done' });
    return judged;
  });
  const slot = removal.slot === null ? '' : ` and ${dryRun ? 'drop' : 'dropped'} its slot ${removal.slot.name} on ${removal.slot.on}`;
  const against = removal.refusals.map(({ rule, reason }) => `\nAgainst it: ${reason} (${rule})`).join('');
  printResult(command, { cluster, node, dryRun, ...removal }, () => `${dryRun ? 'Would take' : 'Took'} node "${node}" off cluster "${cluster}"${slot}.${against}`);
}

async function dropSlot(command: Command, cluster: string, { on, name }: { readonly on: string; readonly name: string }): Promise<void> {
  const address = nodeAddress(inventoryOf(command), { cluster, node: on, baseDir: baseDirOf(findInventory(globalOptions(command).inventory)) });
  await using session = await connect(address, { purpose: 'unregister' });
  await dropIdleSlot(session, name);
}
