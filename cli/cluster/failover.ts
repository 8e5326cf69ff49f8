import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';

import { type FailOverClusterInput, failoverProgress, type FailoverProgress, type FailoverResult, startFailover } from '../../client/clusters.ts';
import { workflowResult } from '../../client/backups.ts';
import { connectClient, type OpenClient } from '../../client/connect-client.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { lossText } from '../../domain/cluster/failover/progress.ts';
import { exitCodeOf, OperationError } from '../../domain/errors.ts';
import { confirm } from '../confirm.ts';
import { withCatalog } from '../open-catalog.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult } from '../output.ts';
import { forecastFailover, forecastText } from './failover-forecast.ts';
import { standstillText } from './failover-text.ts';

interface FailoverOptions {
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly acceptLoss?: boolean;
  readonly consent?: string;
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly by: string;
}

export function registerFailover(cluster: Command): void {
  cluster
    .command('failover')
    .description('Promotes a standby in place of a primary that is lost. The old primary is fenced first; without proof of that, and without a legal candidate, nothing is promoted. A primary that serves is not failed over without --force.')
    .argument('<cluster>', 'its name in the inventory')
    .option('--to <node>', 'promote this node; default: whichever is best')
    .option('--dry-run', 'say what is seen, which proofs there are and who would be elected, and start nothing')
    .option('--force', 'also when the primary is seen to serve; it is fenced first')
    .option('--accept-loss', 'also when acknowledged commits may be lost')
    .option('--consent <cluster>', 'promote although nothing proves that the old primary has stopped; type the name of the cluster')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'start it only')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(failover);
}

async function failover(cluster: string, options: FailoverOptions, command: Command): Promise<void> {
  const inventory = loadInventory(findInventory(globalOptions(command).inventory));
  const plan = planOfCluster(inventory, cluster);
  if (options.to !== undefined && !plan.nodes.some(({ name }) => name === options.to)) throw new OperationError('name_unknown', `node "${options.to}" is not in cluster "${cluster}"`, { detail: `The nodes are ${plan.nodes.map(({ name }) => name).join(', ')}.` });
  if (options.consent !== undefined && options.consent !== cluster) throw new OperationError('usage', `"${options.consent}" is not the name of the cluster`, { hint: `Type \`--consent ${cluster}\` to say that you know which one is meant.` });
  if (options.dryRun === true) {
    const wish = { cluster, named: options.to ?? null, acceptLoss: options.acceptLoss === true, forced: options.force === true, consent: options.consent !== undefined };
    const forecast = await withCatalog(command, (catalog) => forecastFailover(catalog, inventory, wish));
    printResult(command, forecast, () => forecastText(forecast));
    if (!forecast.wouldPromote) process.exitCode = exitCodeOf('cluster_unfit');
    return;
  }
  await confirm({ text: `Fail cluster "${cluster}" over${options.to === undefined ? '' : ` to ${options.to}`}?`, yes: options.yes === true || options.consent !== undefined, act: `fail cluster "${cluster}" over` });
  await using open = await connectClient(temporalConnection());
  const started = await startFailover(open.client, orderOf(cluster, options));
  if (!options.wait) {
    printResult(command, { ...started, cluster }, () => `Started the failover of cluster "${cluster}": workflow ${started.workflowId}.`);
    return;
  }
  const result = await follow(open, started, cluster);
  printResult(command, result, () => resultText(result));
  if (result.end === 'ABORTED') process.exitCode = exitCodeOf('cluster_unfit');
}

const orderOf = (cluster: string, { to, force, acceptLoss, consent, by }: FailoverOptions): FailOverClusterInput => ({
  cluster, force: force === true, acceptLoss: acceptLoss === true, requestedBy: by, ...(to === undefined ? {} : { to }), ...(consent === undefined ? {} : { consent }),
});

const ASK_EVERY_MS = 500;

/** Says on stderr what it waits for, whenever that changes; Ctrl-C ends the watching only. */
async function follow({ client }: OpenClient, started: { workflowId: string; temporalRunId: string }, cluster: string): Promise<FailoverResult> {
  let ended = false;
  const result = workflowResult<FailoverResult>(client, started).finally(() => (ended = true));
  result.catch(() => undefined);
  for (let said = ''; !ended; ) {
    const progress = await failoverProgress(client, cluster, started.temporalRunId);
    const text = progress === undefined ? '' : progressText(progress);
    if (text !== said && text !== '') process.stderr.write(`${text}\n`);
    said = text;
    await Promise.race([result.catch(() => undefined), sleep(ASK_EVERY_MS)]);
  }
  return await result;
}

function progressText({ state, standstill, promoted, from, notes }: FailoverProgress): string {
  if (state === 'waiting' && standstill !== null) return standstillText(standstill);
  if (promoted !== null) return [`${promoted.node} is primary in place of ${from}. ${lossText(promoted)}`, ...notes].join('\n');
  return '';
}

function resultText({ end, from, promoted, missing, verdict, cluster }: FailoverResult): string {
  if (promoted === null) return [`ABORTED: nobody was promoted in cluster "${cluster}"; ${from} stays the primary.`, ...(verdict === null ? [] : [`${verdict.rule}: ${verdict.reason}`]), ...missing.map((step) => `Could not be taken back: ${step}.`)].join('\n');
  const head = `${end}: ${promoted.node} is primary of cluster "${cluster}" in place of ${from} (epoch ${promoted.epoch}, timeline ${promoted.timeline}, fenced by ${promoted.proof}).`;
  return [head, lossText(promoted), ...(missing.length === 0 ? [] : [`Still to be done: ${missing.join(', ')}.`])].join('\n');
}
