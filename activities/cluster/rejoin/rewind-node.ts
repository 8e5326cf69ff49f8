import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { NodeAgent, NodeOrder } from '../../../agent/node-agent.ts';
import { judgeRejoin, type RejoinFacts, type RejoinVerdict } from '../../../domain/cluster/rejoin/verdict.ts';
import { OperationError } from '../../../domain/errors.ts';
import { keepConfiguration, restoreConfiguration } from '../../../programs/cluster/kept-configuration.ts';
import { rewind } from '../../../programs/cluster/rewind.ts';
import { livingPostmaster } from '../../../programs/cluster/server-processes.ts';
import { addStandbySignal, removeStandbySignal } from '../../../programs/cluster/standby-signal.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { NodeLook, NodeSteps } from '../contract.ts';
import { lookNow, nodeNamed, onNode } from '../on-node.ts';
import { startAsStandby, stopOnPurpose } from '../start-stop.ts';
import { isStreamingFrom } from '../streaming.ts';
import { keepEvidence } from './evidence.ts';
import { gatherRejoin } from './facts.ts';

type RewindOrder = Parameters<NodeSteps['rewindNode']>[0];

export const judgeRejoinOf = (deps: Dependencies): NodeSteps['judgeRejoinOf'] =>
  onNode(deps, 'judgeRejoinOf', async (agent, order: NodeOrder & { readonly primary: string }) => judgeRejoin(await gatherRejoin(agent, order, order.primary)));

export const rewindNode = (deps: Dependencies): NodeSteps['rewindNode'] => onNode(deps, 'rewindNode', rewindAndStart);

const STOP_MS = 60_000;

/** E3 to E6. What was rewound is not believed: it is classified again, and has to stream and come forward. */
export async function rewindAndStart(agent: NodeAgent, order: RewindOrder, signal: AbortSignal): Promise<NodeLook & { readonly evidence: string | null }> {
  const kept = evidenceOf(agent, order);
  if (await isBack(agent, order)) return { ...(await lookNow(agent)), evidence: existsSync(kept) ? kept : null };
  using expected = agent.expectStop();
  void expected;
  await stopOnPurpose(agent, 'fast', STOP_MS);
  const facts = await gatherRejoin(agent, order, order.primary);
  const verdict = judgeRejoin(facts);
  refuse(agent, verdict);
  if (verdict.action === 'rewind') await rewrite(agent, order, { facts, verdict, signal });
  await finish(agent, order, signal);
  return { ...(await lookNow(agent)), evidence: existsSync(kept) ? kept : null };
}

const evidenceOf = (agent: NodeAgent, { operation }: NodeOrder): string => join(agent.stateDir, 'evidence', operation);
const configurationOf = (agent: NodeAgent, { operation }: NodeOrder): string => join(agent.stateDir, 'configuration', operation);

/** The step was done, and only its answer was lost. A server that runs as a primary is not stopped by this step. */
async function isBack(agent: NodeAgent, { primary }: RewindOrder): Promise<boolean> {
  const { dataDir } = await agent.server();
  if ((await livingPostmaster(dataDir)) === undefined) return false;
  const session = await agent.session();
  const { recovery } = await session.row<{ recovery: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS recovery');
  if (!recovery) throw new OperationError('node_failed', `node "${agent.node}" runs as a primary`, { detail: 'It is stopped by an order of its own before it is rewound.' });
  return agent.journal.facts().destructiveStep === null && (await isStreamingFrom(agent, nodeNamed(agent, primary)));
}

function refuse(agent: NodeAgent, verdict: RejoinVerdict): void {
  const context = { rule: verdict.rule, relation: verdict.relation.relation };
  if (verdict.action === 'wait') throw new OperationError('node_failed', `node "${agent.node}" cannot be rewound yet`, { detail: verdict.reason, hint: 'It is tried again.', context });
  if (verdict.action === 'clone') throw new OperationError('rewind_impossible', `node "${agent.node}" cannot be rewound`, { detail: verdict.reason, context });
}

/** From the mark in the journal on the data directory is not to be started, until the program has ended well (HA21). */
async function rewrite(agent: NodeAgent, order: RewindOrder, { facts, verdict, signal }: { facts: RejoinFacts; verdict: RejoinVerdict; signal: AbortSignal }): Promise<void> {
  const server = await agent.server();
  const { host, port, user, password } = agent.address(order.primary);
  const wish = { source: { host, port, user, password }, fetchWal: verdict.fetchWal, signal };
  await keepEvidence(agent, order, { facts, verdict });
  await keepConfiguration({ dataDir: server.dataDir, folder: configurationOf(agent, order) });
  // The program recovers a server that was not stopped cleanly by itself, and refuses to where a standby is wanted (HA16).
  const clean = facts.node.state === 'shut down' || facts.node.state === 'shut down in recovery';
  try {
    if (clean) await rewind(server, { ...wish, dryRun: true });
    else await removeStandbySignal(server);
    await agent.journal.keep({ destructiveStep: order.operation, rewriteEnded: false });
    await rewind(server, { ...wish, dryRun: false });
    await agent.journal.keep({ destructiveStep: order.operation, rewriteEnded: true });
  } finally {
    // It removes the file as well, because its source has none.
    await addStandbySignal(server);
  }
}

/** Its own configuration again, and proof that it is on the line of the primary, before anything is started. */
async function finish(agent: NodeAgent, order: RewindOrder, signal: AbortSignal): Promise<void> {
  const server = await agent.server();
  const folder = configurationOf(agent, order);
  if (existsSync(folder)) await restoreConfiguration({ dataDir: server.dataDir, folder, account: server.account });
  const verdict = judgeRejoin(await gatherRejoin(agent, order, order.primary));
  if (verdict.action !== 'start') throw new OperationError('rewind_impossible', `node "${agent.node}" was rewound and is still not on the line of node "${order.primary}"`, { detail: verdict.reason, context: { rule: verdict.rule } });
  await startAsStandby(agent, order.primary, signal);
  await agent.journal.keep({ destructiveStep: null, rewriteEnded: false });
}
