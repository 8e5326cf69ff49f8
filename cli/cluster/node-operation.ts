import { setTimeout as sleep } from 'node:timers/promises';

import { type Command } from 'commander';

import { workflowResult, type StartedWorkflow } from '../../client/backups.ts';
import { connectClient, type OpenClient } from '../../client/connect-client.ts';
import { nodeProgress, type NodeRunProgress, type NodeRunResult } from '../../client/node-operations.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { exitCodeOf, OperationError } from '../../domain/errors.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { whenInterrupted } from '../interruption.ts';
import { osUser } from '../os-user.ts';
import { globalOptions, printResult } from '../output.ts';

export interface NodeOptions {
  readonly dryRun?: boolean;
  readonly wait: boolean;
  readonly by: string;
}

/** The options that every operation on a node takes. */
export const nodeOptions = (command: Command): Command =>
  command
    .option('--dry-run', 'look, say what would be done and what stands in the way, and change nothing')
    .option('--no-wait', 'start it only')
    .option('--by <name>', 'who asks, for the audit', osUser());

/** Starts an operation on a node, shows its steps on stderr as they go, and prints what came of it. Exit status of `cluster_unfit` when a check of a dry run does not hold. */
export async function runOnNode(wish: { readonly cluster: string; readonly node: string; readonly options: NodeOptions; readonly command: Command }, start: (open: OpenClient) => Promise<StartedWorkflow>): Promise<void> {
  const { cluster, node, options, command } = wish;
  const plan = planOfCluster(loadInventory(findInventory(globalOptions(command).inventory)), cluster);
  if (!plan.nodes.some(({ name }) => name === node)) throw new OperationError('name_unknown', `node "${node}" is not in cluster "${cluster}"`, { detail: `The nodes are ${plan.nodes.map(({ name }) => name).join(', ')}.`, context: { kind: 'node', name: node } });
  await using open = await connectClient(temporalConnection());
  const started = await start(open);
  if (!options.wait && options.dryRun !== true) {
    printResult(command, { ...started, cluster, node }, () => `Started workflow ${started.workflowId}.`);
    return;
  }
  const result = await follow(open, started, globalOptions(command).json !== true);
  printResult(command, result, () => resultText(result));
  if (result.checks.some(({ ok }) => !ok)) process.exitCode = exitCodeOf('cluster_unfit');
}

const ASK_EVERY_MS = 300;

async function follow({ client }: OpenClient, started: StartedWorkflow, show: boolean): Promise<NodeRunResult> {
  using _ = whenInterrupted(() => new OperationError('interrupted', `stopped watching workflow ${started.workflowId}`, { detail: 'It goes on.', hint: '`pgconvoy status` shows it.' }));
  const said = new Set<string>();
  let ended = false;
  const result = workflowResult<NodeRunResult>(client, started).finally(() => (ended = true));
  result.catch(() => undefined);
  const look = async (): Promise<void> => {
    const progress = await nodeProgress(client, started);
    for (const line of progress === undefined || !show ? [] : stepLines(progress)) {
      if (!said.has(line)) process.stderr.write(`${line}\n`);
      said.add(line);
    }
  };
  while (!ended) {
    await look();
    await Promise.race([result.catch(() => undefined), sleep(ASK_EVERY_MS)]);
  }
  await look();
  return await result;
}

const MARKS = { running: '…', done: '✓', failed: '✗' } as const;

const stepLines = ({ steps }: NodeRunProgress): string[] => steps.map(({ text, state, note }) => `  ${MARKS[state]} ${text}${note === null ? '' : `: ${note}`}`);

export function resultText(result: NodeRunResult): string {
  const { kind, node, cluster, upstream, dryRun, checks, verdict, movedAside, evidence, bytes, end, missing } = result;
  const lines = checks.map(({ check, ok, reason, remedy }) => `${ok ? 'ok     ' : 'NOT OK '} ${check}: ${reason}${remedy === null ? '' : `\n        ${remedy}`}`);
  if (verdict !== null) lines.push(`${verdict.relation}: ${verdict.action}. ${verdict.reason}`);
  if (dryRun) return [...lines, 'Nothing was changed.'].join('\n');
  const what = kind === 'init' ? `Node ${node} is the first primary of cluster "${cluster}".` : `Node ${node} of cluster "${cluster}" streams from ${upstream}.`;
  const more = [bytes !== null && `${bytesText(bytes)} were copied.`, movedAside !== null && `Its data directory from before lies at ${movedAside} on its host.`, evidence !== null && `What its log had and the primary's has not is kept at ${evidence} on its host.`, missing.length > 0 && `Still to be done: ${missing.join(', ')}.`];
  return [`${end}: ${what}`, ...(verdict === null ? [] : lines), ...more.filter((line) => line !== false)].join('\n');
}
