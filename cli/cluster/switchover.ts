import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';

import { type StartedWorkflow, workflowResult } from '../../client/backups.ts';
import { abortSwitchover, startSwitchover, type SwitchOverClusterInput, switchoverProgress, type SwitchoverResult } from '../../client/clusters.ts';
import { connectClient, type OpenClient } from '../../client/connect-client.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import type { SwitchoverPlan } from '../../domain/cluster/switchover/result.ts';
import { exitCodeOf, OperationError } from '../../domain/errors.ts';
import { warnWithoutWorkers } from '../backup/follow.ts';
import { confirm } from '../confirm.ts';
import { whenInterrupted } from '../interruption.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult } from '../output.ts';
import { planText, switchoverText } from './switchover-text.ts';

interface SwitchoverOptions {
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly coolDown: boolean;
  readonly abort?: boolean;
  readonly by: string;
}

export function registerSwitchover(cluster: Command): void {
  cluster
    .command('switchover')
    .description('Makes another node the primary, on purpose and without losing a write. Shows every check and the predicted downtime before it asks. Until the epoch is claimed everything is taken back when something goes wrong. Exit status 4 when it was taken back.')
    .argument('<cluster>', 'its name in the inventory')
    .option('--to <node>', 'the node that becomes primary; default: the preferred one that can')
    .option('--dry-run', 'only look: every check and the predicted downtime')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'start it only')
    .option('--no-cool-down', 'also shortly after the last change of roles')
    .option('--abort', 'call off the switchover that is under way')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(switchover);
}

async function switchover(cluster: string, options: SwitchoverOptions, command: Command): Promise<void> {
  const plan = planOfCluster(loadInventory(findInventory(globalOptions(command).inventory)), cluster);
  if (options.to !== undefined && !plan.nodes.some(({ name }) => name === options.to)) throw new OperationError('name_unknown', `node "${options.to}" is not in cluster "${cluster}"`, { detail: `The nodes are ${plan.nodes.map(({ name }) => name).join(', ')}.` });
  await using open = await connectClient(temporalConnection());
  if (options.abort === true) {
    const receipt = await abortSwitchover(open.client, cluster, { by: options.by });
    printResult(command, receipt, () => `The switchover of cluster "${cluster}" is called off; it takes back what it has done.`);
    return;
  }
  await warnWithoutWorkers(open);
  const { plan: found } = await lookFirst(open, { cluster, options, command });
  if (options.dryRun === true) return;
  await confirm({ text: `Switch cluster "${cluster}" over from ${found.from} to ${found.to}?`, yes: options.yes === true, act: `switch cluster "${cluster}" over` });
  const started = await startSwitchover(open.client, { ...orderOf(cluster, options), to: found.to });
  if (!options.wait) {
    printResult(command, { ...started, cluster }, () => `Started the switchover of cluster "${cluster}" to ${found.to}: workflow ${started.workflowId}.`);
    return;
  }
  const result = await follow(open, started, cluster);
  printResult(command, result, () => switchoverText(result));
  if (result.end === 'ABORTED') process.exitCode = exitCodeOf('preflight_failed');
}

/** The same checks as the run itself makes again. Ends the command when they stand against it. */
async function lookFirst(open: OpenClient, { cluster, options, command }: { cluster: string; options: SwitchoverOptions; command: Command }): Promise<{ plan: SwitchoverPlan }> {
  const look = await startSwitchover(open.client, { ...orderOf(cluster, options), dryRun: true });
  const result = await workflowResult<SwitchoverResult & { plan: SwitchoverPlan }>(open.client, look);
  const text = (): string => planText(result.plan, process.stdout.columns ?? 100);
  if (options.dryRun === true) printResult(command, result, text);
  else process.stderr.write(`${text()}\n`);
  if (result.plan.preflight.canProceed) return result;
  if (options.dryRun !== true) throw new OperationError('preflight_failed', `checks stand against a switchover of cluster "${cluster}" to node "${result.plan.to}"`, { hint: 'Each of them is marked with ✗ or ?, with what helps.' });
  process.exitCode = exitCodeOf('preflight_failed');
  return result;
}

const orderOf = (cluster: string, { to, coolDown, by }: SwitchoverOptions): SwitchOverClusterInput => ({ cluster, requestedBy: by, ignoreCoolDown: !coolDown, ...(to === undefined ? {} : { to }) });

const ASK_EVERY_MS = 250;

/** Says on stderr which step it is at; Ctrl-C ends the watching only. */
async function follow({ client }: OpenClient, started: StartedWorkflow, cluster: string): Promise<SwitchoverResult> {
  using _ = whenInterrupted(() => new OperationError('interrupted', `stopped watching the switchover of cluster "${cluster}"`, { detail: `Workflow ${started.workflowId} goes on.`, hint: `\`pgconvoy cluster switchover ${cluster} --abort\` calls it off, as long as that is possible.` }));
  let ended = false;
  const result = workflowResult<SwitchoverResult>(client, started).finally(() => (ended = true));
  result.catch(() => undefined);
  for (let said = 0; !ended; ) {
    const events = (await switchoverProgress(client, started))?.events ?? [];
    for (const { step, phase, ms } of events.slice(said)) if (phase !== 'intent') process.stderr.write(`  ${step} ${phase}${ms === null ? '' : ` (${ms} ms)`}\n`);
    said = events.length;
    await Promise.race([result.catch(() => undefined), sleep(ASK_EVERY_MS)]);
  }
  return await result;
}
