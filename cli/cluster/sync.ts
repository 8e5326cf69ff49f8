import { type Command, InvalidArgumentError, Option } from 'commander';

import { appendAudit } from '../../catalog/audit.ts';
import { baseDirOf, findInventory } from '../../config/find-inventory.ts';
import { nodeAddress } from '../../config/resolve-cluster.ts';
import type { RuleResult } from '../../domain/cluster/citation.ts';
import { soleWritable } from '../../domain/cluster/show/picture.ts';
import { lintSynchronous } from '../../domain/cluster/synchronous/lints.ts';
import { mayAcknowledge, printSynchronousNames, type SynchronousNames } from '../../domain/cluster/synchronous/names.ts';
import { namesFor } from '../../domain/cluster/synchronous/recompute.ts';
import { OperationError } from '../../domain/errors.ts';
import { setSynchronousStandbyNames } from '../../postgres/cluster/primary-orders.ts';
import { connect } from '../../postgres/connection.ts';
import { confirm } from '../confirm.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult } from '../output.ts';
import { assertRegistered, inventoryOf, seeCluster, type SeenCluster } from './seen-cluster.ts';
import { problemsText } from './show-text.ts';

interface SyncOptions {
  readonly off?: boolean;
  readonly any?: number;
  readonly first?: number;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly by: string;
}

export function registerSync(cluster: Command): void {
  cluster
    .command('sync')
    .description('Writes synchronous_standby_names of the primary anew: as the inventory wants it, or otherwise for a while, which is a degradation that the audit keeps. The next change of roles goes back to what the inventory wants.')
    .argument('<cluster>', 'its name in the inventory')
    .addOption(new Option('--off', 'no commit waits for a standby: what has just been acknowledged can be lost with the primary').conflicts(['any', 'first']))
    .addOption(new Option('--any <n>', 'each commit waits for n standbys, whichever').argParser(countOf).conflicts(['off', 'first']))
    .addOption(new Option('--first <n>', 'each commit waits for the n preferred standbys').argParser(countOf).conflicts(['off', 'any']))
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--dry-run', 'say what would be set, and what speaks against it')
    .option('--yes', 'do not ask')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .addHelpText('after', '\nExamples:\n  pgconvoy cluster sync shop --reason "n3 is back"\n  pgconvoy cluster sync shop --off --reason "both standbys are down" --yes')
    .action(sync);
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is a number of standbys, at least 1.');
  return count;
}

async function sync(cluster: string, options: SyncOptions, command: Command): Promise<void> {
  const { reason, by, dryRun = false } = options;
  const done = await withCatalog(command, async (catalog) => {
    await assertRegistered(catalog, cluster);
    const seen = await seeCluster(command, catalog, cluster);
    const change = changeOf(seen, options);
    if (dryRun) return { ...change, problems: lintSynchronous(seen.picture) };
    if (seen.holder !== null) throw new OperationError('cluster_held', `cluster "${cluster}" is held by ${seen.holder.operation} (${seen.holder.purpose})`);
    await confirm({ text: `Set synchronous_standby_names of ${change.primary} to "${change.after}" (now "${change.before}")?${change.against.map((one) => ` ${one.reason}`).join('')}`, yes: options.yes === true, act: 'change how commits are confirmed' });
    const address = nodeAddress(inventoryOf(command), { cluster, node: change.primary, baseDir: baseDirOf(findInventory(globalOptions(command).inventory)) });
    await using session = await connect(address, { purpose: 'sync' });
    await setSynchronousStandbyNames(session, change.names);
    await appendAudit(catalog, { actor: by, action: 'cluster.sync', object: `cluster ${cluster}`, detail: { node: change.primary, before: change.before, after: change.after, reason, degradation: change.against.length > 0 }, result: 'done' });
    return { ...change, problems: lintSynchronous((await seeCluster(command, catalog, cluster)).picture) };
  });
  printResult(command, { cluster, dryRun, ...done }, () => [`synchronous_standby_names of ${done.primary} ${dryRun ? 'would be' : 'is'} "${done.after}"; it was "${done.before}".`, ...done.against.map(({ rule, reason: why }) => `${why} (${rule})`), problemsText(done.problems)].join('\n'));
}

interface SyncChange {
  readonly primary: string;
  readonly before: string;
  readonly after: string;
  readonly names: SynchronousNames | null;
  /** What speaks against it; the operator has the last word. */
  readonly against: readonly RuleResult[];
}

function changeOf({ plan, picture }: SeenCluster, { off, any, first }: SyncOptions): SyncChange {
  const primary = soleWritable(picture);
  if (primary === null) throw new OperationError('cluster_unfit', `cluster "${plan.cluster}" has no single primary that answers`);
  const asked = any ?? first;
  const policy = off === true ? null : asked === undefined ? plan.synchronous : { method: any === undefined ? ('first' as const) : ('any' as const), count: asked, strict: true };
  const streaming = primary.server.senders.filter(({ state }) => state === 'streaming').map(({ applicationName }) => applicationName);
  const following = plan.nodes.filter(({ applicationName }) => streaming.includes(applicationName)).map(({ name }) => name);
  const { names } = namesFor(primary.declaration.name, plan.nodes, policy, following);
  const attached = names === null ? 0 : streaming.filter((name) => mayAcknowledge(names, name)).length;
  const against: RuleResult[] = [];
  if (names === null && plan.synchronous !== null) against.push({ rule: 'less-than-wanted', by: ['R79', 'HA30'], reason: 'The inventory wants commits to wait for standbys; from now on what is acknowledged can be lost with the primary.' });
  if (names !== null && names.count > names.names.length) throw new OperationError('cluster_unfit', `cluster "${plan.cluster}" has only ${names.names.length} standbys that can confirm`, { detail: `${names.count} were to: every commit would hang.` });
  if (names !== null && attached < names.count) against.push({ rule: 'writes-hang', by: ['R74', 'R75', 'HA30'], reason: `${names.count} must confirm each commit and ${attached} can: commits hang until more are back.` });
  return { primary: primary.declaration.name, before: primary.server.settings['synchronous_standby_names']?.value ?? '', after: printSynchronousNames(names), names, against };
}
