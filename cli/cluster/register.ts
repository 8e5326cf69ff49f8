import type { Command } from 'commander';

import { appendAudit } from '../../catalog/audit.ts';
import { recordCluster, registerNode } from '../../catalog/cluster/nodes.ts';
import type { Catalog } from '../../catalog/open-catalog.ts';
import { judgeRegistration, type Registration } from '../../domain/cluster/registration.ts';
import { freshReport, runningNodes } from '../../domain/cluster/show/picture.ts';
import { OperationError } from '../../domain/errors.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { printResult, textTable } from '../output.ts';
import { seeCluster, type SeenCluster } from './seen-cluster.ts';

interface RegisterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly by: string;
}

export function registerRegister(cluster: Command): void {
  cluster
    .command('register')
    .description('Registers nodes of the inventory as what their agents see them to be: servers that run already are taken over as they are. Again, after a change of the inventory, takes over the change.')
    .argument('<cluster>', 'its name in the inventory')
    .argument('[node]', 'the node; or --all')
    .option('--all', 'all nodes of the inventory')
    .option('--dry-run', 'say what would be registered, and what is against it')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .addHelpText('after', '\nExamples:\n  pgconvoy cluster register shop --all --dry-run\n  pgconvoy cluster register shop n3')
    .action(register);
}

async function register(cluster: string, node: string | undefined, options: RegisterOptions, command: Command): Promise<void> {
  if ((node === undefined) === (options.all !== true)) throw new OperationError('usage', 'name a node, or give --all');
  const registrations = await withCatalog(command, async (catalog) => {
    const seen = await seeCluster(command, catalog, cluster);
    const judged = judge(seen, node);
    if (options.dryRun === true) return judged;
    refuseUnfit(cluster, judged);
    await keep(catalog, seen, judged, options.by);
    return judged;
  });
  const rows = registrations.map(({ declaration: { name, role, upstream, location, priority }, refusals }) => [name, role, upstream ?? '', location, String(priority), refusals.map(({ rule, reason }) => `${reason} (${rule})`).join(' ')]);
  printResult(command, { cluster, dryRun: options.dryRun === true, nodes: registrations }, () => `${options.dryRun === true ? 'Would register' : 'Registered'} in cluster "${cluster}":\n${textTable(['node', 'as', 'upstream', 'location', 'priority', options.dryRun === true ? 'against it' : ''], rows)}`);
}

/** Every node against what would be registered with it; primaries first, because the others follow them. */
function judge({ plan, picture, registered, systemIdentifier }: SeenCluster, node: string | undefined): readonly Registration[] {
  const wanted = plan.nodes.filter(({ name }) => node === undefined || name === node);
  if (wanted.length === 0) throw new OperationError('name_unknown', `node "${node}" is not in cluster "${plan.cluster}"`, { detail: `The nodes are ${plan.nodes.map(({ name }) => name).join(', ')}.`, context: { kind: 'node', name: node ?? '' } });
  const writable = runningNodes(picture).filter(({ server }) => !server.inRecovery);
  const primary = writable[0]?.report.control;
  const system = systemIdentifier ?? (primary !== undefined && 'ok' in primary ? primary.ok.systemIdentifier : null);
  const judged = wanted.map((one) =>
    judgeRegistration({
      node: one, report: freshReport(picture.nodes.find(({ declaration }) => declaration.name === one.name)!, picture), nodes: plan.nodes, registered: registered.map(({ declaration }) => declaration),
      systemIdentifier: system, otherWritable: writable.filter(({ declaration }) => declaration.name !== one.name).map(({ declaration }) => declaration.name),
    }),
  );
  return judged.toSorted((left, right) => Number(right.declaration.role === 'primary') - Number(left.declaration.role === 'primary'));
}

function refuseUnfit(cluster: string, judged: readonly Registration[]): void {
  const refused = judged.filter(({ refusals }) => refusals.length > 0);
  if (refused.length === 0) return;
  throw new OperationError('cluster_unfit', `${refused.map(({ declaration }) => `node "${declaration.name}"`).join(', ')} cannot be registered in cluster "${cluster}"`, {
    detail: refused.flatMap(({ declaration, refusals }) => refusals.map(({ rule, reason }) => `${declaration.name}: ${reason} (${rule})`)).join('\n'),
  });
}

async function keep(catalog: Catalog, { plan: { cluster }, systemIdentifier }: SeenCluster, judged: readonly Registration[], by: string): Promise<void> {
  const system = systemIdentifier ?? judged.find((one) => one.systemIdentifier !== null)?.systemIdentifier;
  if (system === undefined || system === null) throw new OperationError('cluster_unfit', `cluster "${cluster}" has no node with data yet`, { hint: 'Register its primary first.' });
  await recordCluster(catalog, cluster, system);
  for (const { declaration } of judged) {
    const version = await registerNode(catalog, cluster, declaration);
    await appendAudit(catalog, { actor: by, action: 'node.register', object: `node ${declaration.name} of cluster ${cluster}`, detail: { declaration, version }, result: 'done' });
  }
}
